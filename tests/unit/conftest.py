"""How hypothesis searches: for as long as an example takes, as no test depends on the time."""

from hypothesis import settings

# On top of the profile that hypothesis itself chooses: in CI, the same examples every time.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")
