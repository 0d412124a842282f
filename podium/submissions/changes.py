"""What is new on the board since it was last looked at, in words."""

from __future__ import annotations

from podium.submissions.board import BoardRow, BoardView

__all__ = ["changes"]


def changes(before: BoardView, after: BoardView) -> list[str]:
    """Return a sentence for each change: scores, new submissions, rank, leader, and the quota."""
    known = {row.id: row for row in before.rows}
    said = []
    for row in reversed(after.rows):  # oldest first
        said += _of_row(known.get(row.id), row)
    return said + _of_leaderboard(before, after) + _of_quota(before, after)


def _of_row(old: BoardRow | None, row: BoardRow) -> list[str]:
    said = []
    if old is None:
        by = " by other means" if row.adopted else ""
        said.append(f"{row.id} was sent{by}: {row.message or row.came_from}")
    for split in ("public", "private"):
        score = getattr(row, f"{split}_score")
        last = None if old is None else getattr(old, f"{split}_score")
        if score is not None and score != last:
            was = "" if last is None else f", it was {last:g}"
            said.append(f"{row.id} has the {split} score {score:g}{was}")
    if row.error and (old is None or old.error != row.error):
        said.append(f"{row.id} was refused: {row.error}")
    return said


def _of_leaderboard(before: BoardView, after: BoardView) -> list[str]:
    if before.split != after.split:
        return [f"the leaderboard shows {after.split} scores now", *_standing(after)]
    said = []
    if after.own is not None and (before.own is None or before.own[0] != after.own[0]):
        if before.own is None:
            said += _standing(after)
        else:
            verb = "won" if after.own[0] < before.own[0] else "lost"
            said.append(f"{verb}: rank {after.own[0]}{_of(after)}, it was {before.own[0]}")
    if after.leader is not None and after.leader != before.leader:
        team, score = after.leader
        shown = "no score" if score is None else f"{score:g}"
        is_new = before.leader is None or before.leader[0] != team
        said.append(f"{'the leader is' if is_new else 'the leader,'} {team} with {shown}")
    return said


def _standing(view: BoardView) -> list[str]:
    return [] if view.own is None else [f"rank {view.own[0]}{_of(view)}"]


def _of(view: BoardView) -> str:
    return "" if view.n_teams is None else f" of {view.n_teams}"


def _of_quota(before: BoardView, after: BoardView) -> list[str]:
    if before.asked is None or after.asked is None or before.asked[:10] == after.asked[:10]:
        return []
    return [f"a new day: {after.quota_left} submissions left"]
