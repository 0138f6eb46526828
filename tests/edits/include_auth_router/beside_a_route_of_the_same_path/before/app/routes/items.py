from fastapi import APIRouter

router = APIRouter(prefix="/items")


@router.get("/me")
def mine() -> list[str]:
    return []
