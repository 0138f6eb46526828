"""An application that uses every dependency of a rendered package.

FastAPI reads the annotations below, so they must not be strings.
"""

from typing import Any

from fastapi import FastAPI, WebSocket


def application(package: Any) -> FastAPI:  # noqa: ANN401 - rendered
    """Make it, with the package's own router."""
    app = FastAPI()
    app.include_router(package.router)

    @app.get("/open")
    async def anybody() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/optional")
    async def optional(user: package.OptionalUser) -> dict[str, str | None]:
        return {"email": user.email if user else None}

    @app.get("/verified")
    async def verified(user: package.VerifiedUser) -> dict[str, str]:
        return {"email": user.email}

    @app.post("/orders")
    async def order(
        session: package.CurrentSession, user: package.CurrentUser
    ) -> dict[str, bool]:
        return {"same": session.user is user}

    @app.websocket("/chat")
    async def chat(socket: WebSocket, user: package.CurrentUser) -> None:
        await socket.accept()
        await socket.send_text(user.email)
        await socket.close()

    return app
