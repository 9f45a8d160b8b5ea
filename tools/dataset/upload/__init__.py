"""A dataset on the Hugging Face hub, whole and verified."""
