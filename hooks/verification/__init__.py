"""The proof that both servers agree: a person signs up, is recognised, signs out."""

from .journey import Journey, Step, VerificationError

__all__ = ["Journey", "Step", "VerificationError"]
