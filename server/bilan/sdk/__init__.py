"""What a plugin imports, and all it imports.

The modules are the areas of the contract: :mod:`~bilan.sdk.hooks`,
:mod:`~bilan.sdk.plugins`, :mod:`~bilan.sdk.datasets`,
:mod:`~bilan.sdk.conditions`, :mod:`~bilan.sdk.metrics`,
:mod:`~bilan.sdk.filters`, :mod:`~bilan.sdk.sources`,
:mod:`~bilan.sdk.parameters`, :mod:`~bilan.sdk.periods`,
:mod:`~bilan.sdk.query`, :mod:`~bilan.sdk.reports`, :mod:`~bilan.sdk.sections`,
:mod:`~bilan.sdk.document`, :mod:`~bilan.sdk.rendering`,
:mod:`~bilan.sdk.messages`, :mod:`~bilan.sdk.units` and
:mod:`~bilan.sdk.errors`.
"""
