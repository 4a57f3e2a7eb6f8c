from tests.cli.command import tuttuno

__all__ = ["tuttuno"]
