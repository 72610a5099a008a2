-- The tables and views of a recording; mprotwatch-recording(5) describes them.

CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE clock (ts_ns INTEGER PRIMARY KEY, wall_ns INTEGER NOT NULL);

CREATE TABLE call (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE object (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL, dev INTEGER NOT NULL, ino INTEGER NOT NULL,
	deleted INTEGER NOT NULL, unsure INTEGER NOT NULL,
	name TEXT NOT NULL, build_id TEXT, raw TEXT,
	mount INTEGER, marks INTEGER NOT NULL
);
CREATE TABLE process (
	id INTEGER PRIMARY KEY,
	pid INTEGER NOT NULL, start_ns INTEGER, ppid INTEGER,
	comm TEXT, exe INTEGER,
	first_ns INTEGER NOT NULL, exit_ns INTEGER, exit_code INTEGER
@PROCESS_COLUMNS
);
CREATE TABLE thread (
	id INTEGER PRIMARY KEY,
	process INTEGER NOT NULL, tid INTEGER NOT NULL, comm TEXT NOT NULL
);
CREATE TABLE state (
	id INTEGER PRIMARY KEY,
	prot TEXT NOT NULL, flags INTEGER NOT NULL, pkey INTEGER NOT NULL, object INTEGER
);
CREATE TABLE site (
	id INTEGER PRIMARY KEY,
	call INTEGER NOT NULL, addr INTEGER NOT NULL, object INTEGER, off INTEGER NOT NULL,
	stack INTEGER
);
CREATE TABLE frame (
	id INTEGER PRIMARY KEY,
	addr INTEGER NOT NULL, object INTEGER, off INTEGER NOT NULL,
	symbol TEXT, symbol_off INTEGER NOT NULL, raw TEXT
);
CREATE TABLE stack (
	id INTEGER NOT NULL, depth INTEGER NOT NULL, frame INTEGER NOT NULL,
	PRIMARY KEY (id, depth)
) WITHOUT ROWID;

CREATE TABLE change (
	id INTEGER PRIMARY KEY,
	t INTEGER NOT NULL, thread INTEGER NOT NULL, site INTEGER NOT NULL,
	start INTEGER NOT NULL, size INTEGER NOT NULL,
	before INTEGER NOT NULL, after INTEGER NOT NULL, off INTEGER
@EVENT_COLUMNS
);
CREATE TABLE failure (
	id INTEGER PRIMARY KEY,
	t INTEGER NOT NULL, thread INTEGER NOT NULL, site INTEGER NOT NULL,
	errno INTEGER, changes INTEGER NOT NULL,
	arg0 INTEGER, arg1 INTEGER, arg2 INTEGER, arg3 INTEGER, arg4 INTEGER, arg5 INTEGER,
	before INTEGER, reason TEXT, allowed INTEGER, used INTEGER, asked INTEGER, why TEXT
@EVENT_COLUMNS
);
CREATE TABLE life (
	id INTEGER PRIMARY KEY,
	t INTEGER NOT NULL, process INTEGER NOT NULL,
	what TEXT NOT NULL, child INTEGER, exe INTEGER, exit_code INTEGER
@EVENT_COLUMNS
);
CREATE TABLE writing (
	id INTEGER PRIMARY KEY,
	t INTEGER NOT NULL, thread INTEGER NOT NULL,
	how INTEGER NOT NULL, flags INTEGER NOT NULL, errno INTEGER,
	start INTEGER, size INTEGER NOT NULL, state INTEGER NOT NULL, off INTEGER,
	pid INTEGER NOT NULL, tid INTEGER NOT NULL, uid INTEGER NOT NULL, comm TEXT NOT NULL
@EVENT_COLUMNS
);
CREATE TABLE fault (
	id INTEGER PRIMARY KEY,
	t INTEGER NOT NULL, thread INTEGER NOT NULL, site INTEGER NOT NULL,
	signal TEXT NOT NULL, addr INTEGER, ip INTEGER NOT NULL, access INTEGER NOT NULL,
	code INTEGER NOT NULL, handled INTEGER NOT NULL, state INTEGER NOT NULL, off INTEGER
@EVENT_COLUMNS
);
CREATE TABLE loss (
	id INTEGER PRIMARY KEY,
	t INTEGER NOT NULL, pid INTEGER, lost INTEGER NOT NULL
);

CREATE TABLE finding (
	id INTEGER PRIMARY KEY,
	rule TEXT NOT NULL, severity INTEGER NOT NULL, technique TEXT, why TEXT NOT NULL,
	process INTEGER, pid INTEGER NOT NULL, comm TEXT NOT NULL, exe INTEGER,
	start INTEGER NOT NULL, end INTEGER NOT NULL, mapping INTEGER,
	addr INTEGER NOT NULL, module INTEGER, off INTEGER NOT NULL,
	first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
	changes INTEGER NOT NULL, regions INTEGER NOT NULL, is_over INTEGER NOT NULL
);
CREATE TABLE evidence (
	finding INTEGER NOT NULL, change INTEGER NOT NULL,
	PRIMARY KEY (finding, change)
) WITHOUT ROWID;

CREATE TABLE block (
	id INTEGER PRIMARY KEY,
	key INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
	changes INTEGER NOT NULL, events INTEGER NOT NULL,
	bytes INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE seal (
	id INTEGER PRIMARY KEY,
	block INTEGER NOT NULL, bytes INTEGER NOT NULL, data BLOB NOT NULL, hash TEXT NOT NULL
);
CREATE TABLE signature (hash TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX block_key ON block (last_ns) WHERE key = 1;

CREATE VIEW origin AS
	SELECT max(value) FILTER (WHERE key = 'start_ns') AS start_ns,
		max(value) FILTER (WHERE key = 'boot_to_wall_ns') AS boot_to_wall_ns
	FROM meta;

CREATE VIEW files AS
	SELECT o.id, k.name AS kind, printf('%02x:%02x', o.dev >> 20, o.dev & 1048575) AS dev,
		o.ino, o.deleted, o.name AS path, o.build_id, o.raw, o.mount AS mnt_ns
	FROM object o JOIN kind k ON k.id = o.kind
	WHERE o.ino OR o.dev;

CREATE VIEW processes AS
	SELECT p.id, p.pid, p.start_ns, p.ppid, p.comm, o.name AS exe, p.first_ns, p.exit_ns,
		iif(p.exit_code = 4294967295, NULL, p.exit_code >> 8 & 255) AS status,
		iif(p.exit_code = 4294967295, NULL, p.exit_code & 127) AS signal
@PROCESS_NAMES
	FROM process p LEFT JOIN object o ON o.id = p.exe;

CREATE VIEW changes AS
	SELECT c.id, c.t + z.start_ns AS ts_ns,
		strftime('%Y-%m-%dT%H:%M:%S',
			(c.t + z.start_ns + z.boot_to_wall_ns) / 1000000000, 'unixepoch')
			|| printf('.%09dZ', (c.t + z.start_ns + z.boot_to_wall_ns) % 1000000000) AS time,
		p.pid, h.tid, h.comm, iif(s.call < 64, 'call', n.name) AS cause,
		iif(s.call < 64, n.name, NULL) AS call,
		printf('0x%016x', c.start) AS start, printf('0x%016x', c.start + c.size) AS end,
		iif(b.prot = 'unknown' AND a.prot = 'unmapped', NULL, c.size) AS size,
		b.prot AS before, a.prot AS after,
		b.flags & 512 != 0 AS was_guard, a.flags & 512 != 0 AS is_guard, coalesce(ao.name, bo.name) AS mapping,
		c.off AS offset,
		iif(so.id, so.name || printf('+0x%x', s.off), iif(s.addr, printf('0x%x', s.addr), NULL))
			AS caller,
		p.id AS process, s.stack
@EVENT_NAMES
	FROM change c CROSS JOIN origin z
		CROSS JOIN thread h ON h.id = c.thread
		CROSS JOIN process p ON p.id = h.process
		CROSS JOIN site s ON s.id = c.site
		CROSS JOIN call n ON n.id = s.call
		CROSS JOIN state b ON b.id = c.before
		CROSS JOIN state a ON a.id = c.after
		LEFT JOIN object ao ON ao.id = a.object
		LEFT JOIN object bo ON bo.id = b.object
		LEFT JOIN object so ON so.id = s.object;

CREATE VIEW failures AS
	SELECT f.id, f.t + z.start_ns AS ts_ns, p.pid, h.tid, h.comm, n.name AS call, f.errno, f.changes,
		printf('0x%016x', f.arg0) AS arg0, printf('0x%016x', f.arg1) AS arg1,
		printf('0x%016x', f.arg2) AS arg2, printf('0x%016x', f.arg3) AS arg3,
		b.prot AS before, bo.name AS mapping, f.reason, f.allowed, f.used, f.asked, f.why,
		iif(so.id, so.name || printf('+0x%x', s.off), iif(s.addr, printf('0x%x', s.addr), NULL))
			AS caller,
		p.id AS process, s.stack
@EVENT_NAMES
	FROM failure f CROSS JOIN origin z
		CROSS JOIN thread h ON h.id = f.thread
		CROSS JOIN process p ON p.id = h.process
		CROSS JOIN site s ON s.id = f.site
		CROSS JOIN call n ON n.id = s.call
		LEFT JOIN state b ON b.id = f.before
		LEFT JOIN object bo ON bo.id = b.object
		LEFT JOIN object so ON so.id = s.object;

CREATE VIEW stacks AS
	SELECT k.id AS stack, k.depth, printf('0x%016x', f.addr) AS addr,
		f.symbol || printf('+0x%x', f.symbol_off) AS symbol,
		o.name || printf('+0x%x', f.off) AS module
	FROM stack k CROSS JOIN frame f ON f.id = k.frame LEFT JOIN object o ON o.id = f.object;

CREATE VIEW lifecycle AS
	SELECT l.id, l.t + z.start_ns AS ts_ns, l.what, p.pid, p.comm, q.pid AS child, o.name AS exe,
		iif(l.exit_code = 4294967295, NULL, l.exit_code >> 8 & 255) AS status,
		iif(l.exit_code = 4294967295, NULL, l.exit_code & 127) AS signal, l.process
@EVENT_NAMES
	FROM life l CROSS JOIN origin z
		CROSS JOIN process p ON p.id = l.process
		LEFT JOIN process q ON q.id = l.child
		LEFT JOIN object o ON o.id = l.exe;

CREATE VIEW writes AS
	SELECT w.id, w.t + z.start_ns AS ts_ns,
		iif(w.flags & 1, w.pid, p.pid) AS pid, iif(w.flags & 1, w.comm, h.comm) AS comm,
		CASE w.how WHEN 0 THEN 'process_vm_writev' WHEN 1 THEN 'ptrace' WHEN 2 THEN 'mem' ELSE 'open' END
			AS how,
		iif(w.start IS NULL, NULL, printf('0x%016x', w.start)) AS start, w.size, w.errno,
		s.prot, s.flags & 512 != 0 AS is_guard, o.name AS mapping, w.off AS offset,
		iif(w.flags & 1, p.pid, w.pid) AS writer, iif(w.flags & 1, h.tid, w.tid) AS writer_tid,
		iif(w.flags & 1, h.comm, w.comm) AS writer_comm,
		iif(w.flags & 1, p.uid, w.uid) AS writer_uid,
		w.flags & 2 = 0 AS proven, w.flags & 4 != 0 AS by_tracer, w.flags & 8 != 0 AS by_parent,
		w.flags & 16 != 0 AS other_user, p.id AS process
@EVENT_NAMES
	FROM writing w CROSS JOIN origin z
		CROSS JOIN thread h ON h.id = w.thread
		CROSS JOIN process p ON p.id = h.process
		CROSS JOIN state s ON s.id = w.state
		LEFT JOIN object o ON o.id = s.object;

CREATE VIEW faults AS
	SELECT f.id, f.t + z.start_ns AS ts_ns, p.pid, h.tid, h.comm, f.signal, f.code, f.handled,
		CASE f.access WHEN 0 THEN 'any' WHEN 1 THEN 'read' WHEN 2 THEN 'write' ELSE 'exec' END
			AS access,
		iif(f.addr IS NULL, NULL, printf('0x%016x', f.addr)) AS address,
		iif(f.addr IS NULL, NULL, s.prot) AS prot, s.flags & 512 != 0 AS is_guard,
		o.name AS mapping, f.off AS offset, printf('0x%016x', f.ip) AS ip,
		iif(so.id, so.name || printf('+0x%x', c.off), iif(c.addr, printf('0x%x', c.addr), NULL))
			AS caller,
		p.id AS process, c.stack
@EVENT_NAMES
	FROM fault f CROSS JOIN origin z
		CROSS JOIN thread h ON h.id = f.thread
		CROSS JOIN process p ON p.id = h.process
		CROSS JOIN site c ON c.id = f.site
		CROSS JOIN state s ON s.id = f.state
		LEFT JOIN object o ON o.id = s.object
		LEFT JOIN object so ON so.id = c.object;

CREATE VIEW findings AS
	SELECT f.id, f.rule, CASE f.severity WHEN 0 THEN 'info' WHEN 1 THEN 'low' WHEN 2 THEN 'medium' ELSE 'high' END
			AS severity,
		f.technique, f.why, f.first_ns, f.last_ns,
		strftime('%Y-%m-%dT%H:%M:%S', (f.first_ns + z.boot_to_wall_ns) / 1000000000, 'unixepoch')
			|| printf('.%09dZ', (f.first_ns + z.boot_to_wall_ns) % 1000000000) AS time,
		f.pid, f.comm, e.name AS exe,
		printf('0x%016x', f.start) AS start, printf('0x%016x', f.end) AS end,
		m.name AS mapping,
		iif(c.id, c.name || printf('+0x%x', f.off), iif(f.addr, printf('0x%x', f.addr), NULL))
			AS caller,
		f.changes, f.regions, f.is_over, f.process
	FROM finding f CROSS JOIN origin z
		LEFT JOIN object e ON e.id = f.exe
		LEFT JOIN object m ON m.id = f.mapping
		LEFT JOIN object c ON c.id = f.module;
