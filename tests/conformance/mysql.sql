SET NAMES utf8mb4;
CREATE TABLE items (
    id INT AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(40),
    kind VARCHAR(10) NOT NULL,
    qty INT,
    price DECIMAL(10,2),
    made DATE,
    flag TINYINT(1)
) CHARACTER SET utf8mb4;
CREATE VIEW item_names AS SELECT id, name FROM items;
CREATE TABLE authors (
    id INT AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(60) NOT NULL UNIQUE,
    name VARCHAR(20) NOT NULL,
    status VARCHAR(10) NOT NULL DEFAULT 'new',
    rating INT
) CHARACTER SET utf8mb4;
CREATE TABLE books (
    id INT AUTO_INCREMENT PRIMARY KEY,
    author_id INT NOT NULL,
    isbn VARCHAR(20) UNIQUE,
    title VARCHAR(40) NOT NULL,
    FOREIGN KEY (author_id) REFERENCES authors (id)
) CHARACTER SET utf8mb4;
CREATE TABLE tags (code VARCHAR(10) NOT NULL PRIMARY KEY, label VARCHAR(40)) CHARACTER SET utf8mb4;
CREATE TABLE book_tags (
    book_id INT NOT NULL,
    tag_code VARCHAR(10) NOT NULL,
    PRIMARY KEY (book_id, tag_code),
    FOREIGN KEY (book_id) REFERENCES books (id) ON DELETE CASCADE,
    FOREIGN KEY (tag_code) REFERENCES tags (code)
) CHARACTER SET utf8mb4;
CREATE TABLE counters (id INT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL DEFAULT 7);
CREATE TABLE journal (message VARCHAR(40), n INT) CHARACTER SET utf8mb4;
CREATE TABLE pairs (
    b INT NOT NULL,
    a INT NOT NULL,
    note VARCHAR(40),
    PRIMARY KEY (a, b)
) CHARACTER SET utf8mb4;
CREATE TABLE `odd "table" ü` (
    `id` INT AUTO_INCREMENT PRIMARY KEY,
    `a b` INT,
    `c"d` VARCHAR(40),
    `e``f` INT,
    `größe` INT,
    `select` INT
) CHARACTER SET utf8mb4;
CREATE TABLE kinds (
    id INT AUTO_INCREMENT PRIMARY KEY,
    c_bool TINYINT(1),
    c_int INT,
    c_big BIGINT,
    c_dec DECIMAL(20,4),
    c_double DOUBLE,
    c_text TEXT,
    c_bin BLOB,
    c_date DATE,
    c_time TIME,
    c_dt DATETIME
) CHARACTER SET utf8mb4;
