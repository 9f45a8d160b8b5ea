"""Lets the contract test read policies and configs: with the real openpi where it is installed, else with the stand-in."""

from tests.overlay import stand_in

# Before the tests are collected, since they import openpi at their top.
stand_in.install()
