from hypothesis import settings

# Machines differ in speed; no property is about time.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")
