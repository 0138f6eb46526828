"""The end-to-end proof: a person signs up, FastAPI recognises them, they sign out."""

from .expectations import VerificationError
from .journey import Journey, Step
from .servers import Servers, running_servers
from .verified import verified

__all__ = [
    "Journey",
    "Servers",
    "Step",
    "VerificationError",
    "running_servers",
    "verified",
]
