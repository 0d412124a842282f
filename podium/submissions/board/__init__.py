"""The board: submissions and their scores, the leaderboard, the shake-up, the finals."""
