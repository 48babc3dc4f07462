"""How a workspace presents itself: its colour and its logo."""

from bilan.branding.service import BrandInfo, Branding

__all__ = ["BrandInfo", "Branding"]
