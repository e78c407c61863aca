-- One case: what was seen, what was claimed, what was not examined. Times are Unix nanoseconds UTC, sizes bytes.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- chain = SHA-256 over the chain of the line before and this line: see case/journal.py.
CREATE TABLE journal (seq INTEGER PRIMARY KEY, "when" INTEGER NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL,
                      detail TEXT NOT NULL, chain TEXT NOT NULL);

CREATE TABLE volume (idx INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL, size INTEGER NOT NULL,
                     filesystem TEXT NOT NULL, label TEXT NOT NULL, serial TEXT NOT NULL, opened INTEGER NOT NULL,
                     problem TEXT NOT NULL, walked INTEGER NOT NULL DEFAULT 0,
                     parent INTEGER, store TEXT NOT NULL DEFAULT '', taken INTEGER);

CREATE TABLE entry (
    id INTEGER PRIMARY KEY, volume INTEGER NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL,
    key TEXT NOT NULL,
    si_m INTEGER, si_a INTEGER, si_c INTEGER, si_b INTEGER,
    fn INTEGER NOT NULL, fn_m INTEGER, fn_a INTEGER, fn_c INTEGER, fn_b INTEGER,
    allocated INTEGER NOT NULL, attributes INTEGER NOT NULL, mode TEXT NOT NULL, owner TEXT NOT NULL,
    inode TEXT NOT NULL, position INTEGER NOT NULL, target TEXT NOT NULL, same_as INTEGER, free INTEGER);

-- A unit of work: entries = their ids as native u32, in the order they are read.
CREATE TABLE unit (id INTEGER PRIMARY KEY, entries BLOB NOT NULL, cost INTEGER NOT NULL,
                   done INTEGER NOT NULL DEFAULT 0, bytes_read INTEGER NOT NULL DEFAULT 0);

-- Every entry has either one row here, or at least one gap.
CREATE TABLE examined (entry INTEGER PRIMARY KEY, level TEXT NOT NULL, type TEXT NOT NULL, sha256 TEXT);

CREATE TABLE gap (entry INTEGER NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX gap_entry ON gap (entry);

CREATE TABLE finding (entry INTEGER NOT NULL, detector TEXT NOT NULL, severity TEXT NOT NULL,
                      confidence TEXT NOT NULL, title TEXT NOT NULL, family TEXT, indicator TEXT,
                      attack TEXT NOT NULL, details TEXT NOT NULL);

CREATE TABLE event (entry INTEGER NOT NULL, detector TEXT NOT NULL, "when" INTEGER NOT NULL, what TEXT NOT NULL,
                    source TEXT NOT NULL, details TEXT NOT NULL);

CREATE TABLE fact (entry INTEGER NOT NULL, detector TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL);

-- Files that matter. why = NULL where the content is in evidence/evidence.zip, there called member.
CREATE TABLE collected (entry INTEGER PRIMARY KEY, worth TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT, md5 TEXT,
                        how TEXT NOT NULL, why TEXT, member TEXT NOT NULL);
