"""`python -m podium`: the command line, where the program is not on the PATH."""

from podium.cli.app import main

if __name__ == "__main__":
    main()
