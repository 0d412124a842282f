"""The sections of `competition.yaml`, each checked as it is read: data, tasks, submission."""
