"""The rulebook: ``rules/<service>/<slug>.py`` holds one rule each. `base` says what a rule is, `registry` finds them."""
