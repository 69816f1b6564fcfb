"""Pages of accounts: signing in, one-time links, one's own account, administration."""

from fastapi import APIRouter

from app.accounts.routes import account, admin, sign_in

router = APIRouter()
router.include_router(sign_in.router)
router.include_router(account.router)
router.include_router(admin.router)
