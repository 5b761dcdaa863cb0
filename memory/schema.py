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

_CALLERS = (
    "ALTER TABLE tasks ADD COLUMN caller TEXT NOT NULL DEFAULT 'local'",
    "ALTER TABLE tasks ADD COLUMN turn INTEGER",
    "CREATE INDEX tasks_by_caller ON tasks(caller, number)",
    "CREATE INDEX turns_of_callers ON tasks(caller, turn)",
    "CREATE INDEX turns_begun ON tasks(turn) WHERE status <> 'queued'",
)

_LIGHT_QUESTIONS = (
    # What lists show stands before the payload: SQLite reads a row from its front, and a payload may fill many pages.
    """CREATE TABLE questions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        interrupt_id TEXT NOT NULL UNIQUE,
        task_id TEXT NOT NULL,
        status TEXT NOT NULL,
        kind TEXT NOT NULL,
        prompt TEXT NOT NULL,
        digest TEXT NOT NULL,
        created_at REAL NOT NULL,
        decision TEXT,
        decided_at REAL,
        decided_via TEXT,
        decision_key TEXT,
        payload TEXT NOT NULL
    )""",
    """INSERT INTO questions SELECT
        number, interrupt_id, task_id, status,
        json_extract(body, '$.kind'), json_extract(body, '$.prompt'), json_extract(body, '$.digest'),
        json_extract(body, '$.created_at'), json_extract(body, '$.decision'), json_extract(body, '$.decided_at'),
        json_extract(body, '$.decided_via'), decision_key, json_extract(body, '$.payload')
    FROM interrupts""",
    "DROP TABLE interrupts",
    "ALTER TABLE questions RENAME TO interrupts",
    "CREATE INDEX interrupts_by_task ON interrupts(task_id, status, number)",
    # All that a list of open questions shows, so that it is read without the rows.
    """CREATE INDEX interrupts_pending ON interrupts(
        number, interrupt_id, task_id, kind, prompt, digest, created_at, status, decision, decided_at, decided_via
    ) WHERE status = 'pending'""",
)

_OPEN_RESERVATIONS = (
    "CREATE INDEX reservations_open ON reservations(task_id) WHERE cost IS NULL",
    "CREATE INDEX accounts_reserved ON accounts(task_id) WHERE reserved > 0",
)

_BUDGETS = (
    # An account is a task's, a day's, or a caller's of one day. A day's `cap` is what it was raised to, 0 if it was not.
    "ALTER TABLE accounts RENAME COLUMN task_id TO account",
    "ALTER TABLE accounts ADD COLUMN caller TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE accounts ADD COLUMN overrun INTEGER NOT NULL DEFAULT 0 CHECK (overrun >= 0)",
    "ALTER TABLE accounts ADD COLUMN said INTEGER NOT NULL DEFAULT 0",
    "UPDATE accounts SET caller = coalesce("
    "(SELECT caller FROM tasks WHERE task_id = replace(account, '-replies', '')), 'local')",
    "CREATE INDEX accounts_closed ON accounts(account) WHERE overrun > 0",
    "ALTER TABLE reservations RENAME COLUMN task_id TO account",
    "ALTER TABLE reservations ADD COLUMN day TEXT NOT NULL DEFAULT ''",
    # Models of unknown price, and how often a person had spoken about the account when it was first stopped for one.
    """CREATE TABLE guesses (
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        said INTEGER NOT NULL,
        PRIMARY KEY (account, model)
    ) WITHOUT ROWID""",
)

_INBOX = (
    # What is new stands before the payload, too; the old table cannot be given that order.
    """CREATE TABLE questions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        interrupt_id TEXT NOT NULL UNIQUE,
        task_id TEXT NOT NULL,
        status TEXT NOT NULL,
        kind TEXT NOT NULL,
        prompt TEXT NOT NULL,
        digest TEXT NOT NULL,
        created_at REAL NOT NULL,
        reminders INTEGER NOT NULL DEFAULT 0,
        due_at REAL,
        deadline_at REAL,
        default_action TEXT,
        needed INTEGER NOT NULL DEFAULT 1,
        votes TEXT NOT NULL DEFAULT '[]',
        decision TEXT,
        decided_at REAL,
        decided_via TEXT,
        decided_by TEXT NOT NULL DEFAULT '',
        decision_key TEXT,
        payload TEXT NOT NULL
    )""",
    """INSERT INTO questions(
        number, interrupt_id, task_id, status, kind, prompt, digest, created_at, decision, decided_at, decided_via,
        decision_key, payload
    ) SELECT
        number, interrupt_id, task_id, status, kind, prompt, digest, created_at, decision, decided_at, decided_via,
        decision_key, payload
    FROM interrupts""",
    "DROP TABLE interrupts",
    "ALTER TABLE questions RENAME TO interrupts",
    "CREATE INDEX interrupts_by_task ON interrupts(task_id, status, number)",
    """CREATE INDEX interrupts_pending ON interrupts(
        number, interrupt_id, task_id, kind, prompt, digest, created_at, status, reminders, due_at, deadline_at,
        default_action, needed, votes, decision, decided_at, decided_via, decided_by
    ) WHERE status = 'pending'""",
    "CREATE INDEX interrupts_due ON interrupts(due_at) WHERE status = 'pending' AND due_at IS NOT NULL",
)

_ACCESS = (
    """CREATE TABLE api_keys (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key_id TEXT NOT NULL UNIQUE,
        hash BLOB NOT NULL,
        body TEXT NOT NULL
    )""",
    """CREATE TABLE audit (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        ts REAL NOT NULL,
        name TEXT NOT NULL,
        role TEXT,
        via TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        status INTEGER NOT NULL,
        request_id TEXT NOT NULL,
        client TEXT NOT NULL
    )""",
    "CREATE INDEX audit_by_name ON audit(name, position)",
    # A column, because an index over what stands in the body would have every update read the body.
    "ALTER TABLE tasks ADD COLUMN has_demo INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX tasks_with_demo ON tasks(number) WHERE has_demo = 1",
)

_LOOKING_BACK = (
    # What people look for, apart from the bodies, so that a search reads no more than it has to.
    """CREATE TABLE task_words (
        number INTEGER PRIMARY KEY,
        task_id TEXT NOT NULL,
        sentence TEXT NOT NULL
    )""",
    "INSERT INTO task_words SELECT number, task_id, json_extract(body, '$.request.task_description') FROM tasks",
    # When it became final: the time of that task.upsert.
    "ALTER TABLE tasks ADD COLUMN ended_at REAL",
    """UPDATE tasks SET ended_at = coalesce(
        (SELECT ts FROM events WHERE events.task_id = tasks.task_id AND type = 'task.upsert'
            AND json_extract(events.body, '$.status') IN ('completed', 'failed', 'cancelled') ORDER BY seq LIMIT 1),
        json_extract(body, '$.updated_at')
    ) WHERE status IN ('completed', 'failed', 'cancelled')""",
    "CREATE INDEX tasks_ended ON tasks(ended_at) WHERE ended_at IS NOT NULL",
)

_LEARNING = (
    """CREATE TABLE episodes (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        task_id TEXT NOT NULL,
        agent TEXT NOT NULL,
        body TEXT NOT NULL,
        reflected TEXT NOT NULL,
        UNIQUE (task_id, agent)
    )""",
    "CREATE INDEX episodes_by_agent ON episodes(agent, number)",
    "CREATE INDEX episodes_to_reflect ON episodes(agent, number) WHERE reflected = ''",
    # Whose rules a task has been counted for.
    """CREATE TABLE counted_uses (
        agent TEXT NOT NULL,
        task_id TEXT NOT NULL,
        PRIMARY KEY (agent, task_id)
    ) WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _TASKS + _EVENTS + _LEDGER + _IDENTITIES,
    _CALLERS + _LIGHT_QUESTIONS + _OPEN_RESERVATIONS,
    _EFFECTS,
    _BUDGETS,
    _INBOX + _ACCESS,
    _LOOKING_BACK,
    _LEARNING,
)
