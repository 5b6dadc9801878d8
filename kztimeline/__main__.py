"""``python -m kztimeline`` is ``kzt``, and the script ``kzt`` starts here."""

import signal


def main() -> None:
    """Run `kzt`; an interrupt ends it without a word, also while it is being imported."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kztimeline import cli

    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
