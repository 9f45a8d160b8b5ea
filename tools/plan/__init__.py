"""What the build will be, worked out and checked in memory: patches, overlay, and the tree that they make together."""
