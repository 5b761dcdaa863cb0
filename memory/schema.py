"""Schema of `data/autonomy.db`, as numbered migrations. A released migration is never edited; a change is a new one."""

_TASKS = (
    """CREATE TABLE tasks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        task_id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        workflow TEXT NOT NULL,
        calls_cost_usd REAL NOT NULL DEFAULT 0,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX tasks_by_status ON tasks(status, number)",
    """CREATE TABLE task_keys (
        idempotency_key TEXT PRIMARY KEY,
        request_hash TEXT NOT NULL,
        task_id TEXT NOT NULL,
        created_at REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE interrupts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        interrupt_id TEXT NOT NULL UNIQUE,
        task_id TEXT NOT NULL,
        status TEXT NOT NULL,
        decision_key TEXT,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX interrupts_by_task ON interrupts(task_id, number)",
    "CREATE INDEX interrupts_pending ON interrupts(number) WHERE status = 'pending'",
)

_EVENTS = (
    """CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        task_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        ts REAL NOT NULL,
        type TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (task_id, seq)
    )""",
    """CREATE TABLE agent_stats (
        task_id TEXT NOT NULL,
        agent TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'pending',
        cost_usd REAL NOT NULL DEFAULT 0,
        tokens INTEGER NOT NULL DEFAULT 0,
        calls INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (task_id, agent)
    ) WITHOUT ROWID""",
    """CREATE TABLE agent_files (
        task_id TEXT NOT NULL,
        agent TEXT NOT NULL,
        path TEXT NOT NULL,
        PRIMARY KEY (task_id, agent, path)
    ) WITHOUT ROWID""",
)

_LEDGER = (
    """CREATE TABLE accounts (
        task_id TEXT PRIMARY KEY,
        cap INTEGER NOT NULL CHECK (cap >= 0),
        spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
        reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0)
    ) WITHOUT ROWID""",
    """CREATE TABLE reservations (
        task_id TEXT NOT NULL,
        reservation_id TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount >= 0),
        cost INTEGER,
        PRIMARY KEY (task_id, reservation_id)
    ) WITHOUT ROWID""",
)

_IDENTITIES = (
    """CREATE TABLE identities (
        agent TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (agent, version)
    ) WITHOUT ROWID""",
    """CREATE TABLE rule_stats (
        agent TEXT NOT NULL,
        rule TEXT NOT NULL,
        use_count INTEGER NOT NULL DEFAULT 0,
        success_count INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (agent, rule)
    ) WITHOUT ROWID""",
)

_EFFECTS = (
    """CREATE TABLE effects (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        task_id TEXT NOT NULL,
        node TEXT NOT NULL,
        iteration INTEGER NOT NULL,
        kind TEXT NOT NULL,
        channel TEXT,
        status TEXT NOT NULL,
        intent TEXT NOT NULL,
        result TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        begun_at REAL NOT NULL,
        ended_at REAL,
        due_at REAL,
        UNIQUE (task_id, node, iteration, kind)
    )""",
    "CREATE INDEX deliveries_waiting ON effects(channel, task_id, number) WHERE status = 'intended'",
    """CREATE TABLE channels (
        channel TEXT PRIMARY KEY,
        position INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _TASKS + _EVENTS + _LEDGER + _IDENTITIES,
    _EFFECTS,
)
