"""``python -m kztimeline`` is ``kzt``."""

from kztimeline.cli import main

if __name__ == "__main__":
    main()
