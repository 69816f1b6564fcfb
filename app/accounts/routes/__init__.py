"""Pages of accounts: signing in, one-time links, one's own account, administration."""

from fastapi import APIRouter

router = APIRouter()
