from fastapi import APIRouter

router = APIRouter()


@router.get("/me")
def who() -> str:
    return "me"
