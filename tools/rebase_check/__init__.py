"""`just rebase-check`: the series tried on every commit of upstream's history, without a checkout."""
