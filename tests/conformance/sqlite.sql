CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(40),
    kind VARCHAR(10) NOT NULL,
    qty INTEGER,
    price DECIMAL(10,2),
    made DATE,
    flag BOOLEAN
);
CREATE VIEW item_names AS SELECT id, name FROM items;
CREATE TABLE authors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email VARCHAR(60) NOT NULL UNIQUE,
    name VARCHAR(20) NOT NULL,
    status VARCHAR(10) NOT NULL DEFAULT 'new',
    rating INTEGER
);
CREATE TABLE books (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author_id INTEGER NOT NULL REFERENCES authors (id),
    isbn VARCHAR(20) UNIQUE,
    title VARCHAR(40) NOT NULL
);
CREATE TABLE tags (code VARCHAR(10) NOT NULL PRIMARY KEY, label VARCHAR(40));
CREATE TABLE book_tags (
    book_id INTEGER NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    tag_code VARCHAR(10) NOT NULL REFERENCES tags (code),
    PRIMARY KEY (book_id, tag_code)
);
CREATE TABLE counters (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER NOT NULL DEFAULT 7);
CREATE TABLE journal (message VARCHAR(40), n INTEGER);
CREATE TABLE pairs (
    b INTEGER NOT NULL,
    a INTEGER NOT NULL,
    note VARCHAR(40),
    PRIMARY KEY (a, b)
);
CREATE TABLE "odd ""table"" ü" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "a b" INTEGER,
    "c""d" VARCHAR(40),
    "e`f" INTEGER,
    "größe" INTEGER,
    "select" INTEGER
);
CREATE TABLE kinds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    c_bool BOOLEAN,
    c_int INTEGER,
    c_big BIGINT,
    c_dec DECIMAL(20,4),
    c_double DOUBLE,
    c_text TEXT,
    c_bin BLOB,
    c_date DATE,
    c_time TIME,
    c_dt DATETIME
);
