"""How fast the import engine is beside what people would take instead: `bin/bench`."""
