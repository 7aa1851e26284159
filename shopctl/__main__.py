"""The entry point, kept so small that ``shopctl --version`` answers before anything else is imported."""

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    if sys.argv[1:] == ["--version"]:
        from shopctl import __version__

        print(f"shopctl {__version__}")
        return
    from shopctl.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
