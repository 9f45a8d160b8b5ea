"""Upstream's trees and history: brought here, kept in a store, and read without a change to any of them."""
