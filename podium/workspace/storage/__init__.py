"""Files of a workspace on object storage, for machines that share no disk.

Below one address, such as `s3://bucket/leaves`:

    bundles/DIGEST                  files of a workspace, many in one object: they never change
    inputs/DIGEST.json.gz           which files a task finds on its machine, and in which bundle
    parts/TASK/claims/000002        who works on what a task writes; the highest number has it
    parts/TASK/000002/OBJECT        contents of files, written before the next
    parts/TASK/000002/state.json    what is there now: the files of the task, with their digests
    records/TASK.json               how far a task is, for `podium jobs`

An object appears whole or not at all, and a new one under a taken name is refused: nothing else is
asked of the storage, and no clock of any machine counts.
"""
