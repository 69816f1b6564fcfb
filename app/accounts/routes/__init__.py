"""Pages of accounts: signing in, one-time links, one's own account, administration."""

from fastapi import APIRouter

from app.accounts.routes import access, account, admin, sign_in

router = APIRouter()
router.include_router(sign_in.router)
router.include_router(account.router)
router.include_router(admin.router)
router.include_router(access.router)
