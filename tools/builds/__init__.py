"""The patched checkout on the disk: written all or nothing, with the user's own work in it left alone."""
