"""The entry point, kept so small that ``shopctl --version`` answers before anything else is imported."""

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    if sys.argv[1:] == ["--version"]:
        from shopctl import __version__

        print(f"shopctl {__version__}")
        return
    import gc

    gc.set_threshold(100_000)  # what is imported stays: looking for garbage in it took a third of a command's time
    from shopctl.cli.app import run

    try:
        sys.exit(run(sys.argv[1:]))
    finally:
        gc.freeze()  # nor is it looked for at the end


if __name__ == "__main__":
    main()
