"""The statements of GroupCommitSaver, over the tables that AsyncSqliteSaver makes."""

PUT = """
INSERT OR REPLACE INTO checkpoints
    (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
CHANGE = """
UPDATE checkpoints SET type = ?, checkpoint = ?, metadata = ?
WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"""
REPLACE_WRITE = """
INSERT OR REPLACE INTO writes
    (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
KEEP_WRITE = REPLACE_WRITE.replace("REPLACE", "IGNORE", 1)
ONE = """
SELECT checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata FROM checkpoints
WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"""
NEWEST = """
SELECT checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata FROM checkpoints
WHERE thread_id = ? AND checkpoint_ns = ? ORDER BY checkpoint_id DESC LIMIT 1"""
DELETE = ("DELETE FROM writes WHERE thread_id = ?", "DELETE FROM checkpoints WHERE thread_id = ?")
KEEP_NEWEST = (
    """
DELETE FROM writes WHERE thread_id = ? AND checkpoint_id < (
    SELECT max(newest.checkpoint_id) FROM checkpoints AS newest
    WHERE newest.thread_id = writes.thread_id AND newest.checkpoint_ns = writes.checkpoint_ns)""",
    """
DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_id < (
    SELECT max(newest.checkpoint_id) FROM checkpoints AS newest
    WHERE newest.thread_id = checkpoints.thread_id AND newest.checkpoint_ns = checkpoints.checkpoint_ns)""",
)
COPY = (
    """
INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
SELECT :target, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint,
    CASE WHEN :epoch IS NULL THEN metadata ELSE json_set(CAST(metadata AS TEXT), '$.run_epoch', :epoch) END
FROM checkpoints WHERE thread_id = :source AND (:until IS NULL OR checkpoint_id <= :until)""",
    """
INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value)
SELECT :target, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value FROM writes
WHERE thread_id = :source AND (:until IS NULL OR checkpoint_id < :until)""",
)
PENDING_INDEX = (
    "CREATE INDEX IF NOT EXISTS pending_interrupts ON writes (thread_id, checkpoint_id) WHERE channel = '__interrupt__'"
)
SET_ASIDE_TABLE = """
CREATE TABLE IF NOT EXISTS checkpoints_set_aside (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    parent_checkpoint_id TEXT,
    type TEXT,
    checkpoint BLOB,
    metadata BLOB,
    reason TEXT NOT NULL)"""
SET_ASIDE = (
    """
INSERT INTO checkpoints_set_aside
SELECT thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata, :reason
FROM checkpoints WHERE thread_id = :thread AND checkpoint_ns = :ns AND checkpoint_id = :id""",
    "DELETE FROM writes WHERE thread_id = :thread AND checkpoint_ns = :ns AND checkpoint_id = :id",
    "DELETE FROM checkpoints WHERE thread_id = :thread AND checkpoint_ns = :ns AND checkpoint_id = :id",
)
NEWEST_ID = "SELECT max(checkpoint_id) FROM checkpoints"
LONG_THREADS = "SELECT thread_id FROM checkpoints GROUP BY thread_id HAVING count(*) > 1"
