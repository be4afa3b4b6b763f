"""The rulebook: ``rules/<service>/<slug>.py`` is one rule each. `base` says what a rule is, `registry` finds them."""
