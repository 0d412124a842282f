"""Tiny copies of the folders of twelve real competitions: their names, columns, ids and quirks.

What the files show is made up, so that the answers of the test part are known. A builder writes the
folder as the competition's archive unpacks, and returns the true answers of its test part.
"""

from __future__ import annotations

from competition_miniatures import labels, masks, objects
from competition_miniatures.made import Made

__all__ = ["BUILDERS", "Made"]

BUILDERS = {
    "tgs-salt": masks.tgs_salt,
    "severstal": masks.severstal,
    "hubmap-kidney": masks.hubmap_kidney,
    "contrails": masks.contrails,
    "uw-madison": masks.uw_madison,
    "airbus-ships": objects.airbus_ships,
    "dsb2018": objects.dsb2018,
    "rsna-breast": labels.rsna_breast,
    "aptos": labels.aptos,
    "cassava": labels.cassava,
    "human-protein-atlas": labels.human_protein_atlas,
    "humpback-whale": labels.humpback_whale,
}
