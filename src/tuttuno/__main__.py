"""`python -m tuttuno` is the same as `tuttuno`."""

from tuttuno.cli.main import run

if __name__ == "__main__":
    run()
