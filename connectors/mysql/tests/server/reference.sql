-- Part of the reference database: its tables and its view, and a few rows.
CREATE TABLE departments (dept_no CHAR(4) NOT NULL PRIMARY KEY, dept_name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE employees (
  emp_no INT NOT NULL PRIMARY KEY, birth_date DATE NOT NULL, first_name VARCHAR(14) NOT NULL,
  last_name VARCHAR(16) NOT NULL, gender ENUM('M','F') NOT NULL, hire_date DATE NOT NULL,
  KEY idx_last (last_name));
CREATE TABLE dept_emp (
  emp_no INT NOT NULL, dept_no CHAR(4) NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL,
  PRIMARY KEY (emp_no, dept_no),
  CONSTRAINT fk_de_emp FOREIGN KEY (emp_no) REFERENCES employees (emp_no) ON DELETE CASCADE,
  CONSTRAINT fk_de_dept FOREIGN KEY (dept_no) REFERENCES departments (dept_no) ON DELETE CASCADE);
CREATE TABLE salaries (
  emp_no INT NOT NULL, salary INT NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL,
  PRIMARY KEY (emp_no, from_date),
  CONSTRAINT fk_sal_emp FOREIGN KEY (emp_no) REFERENCES employees (emp_no) ON DELETE CASCADE);
CREATE TABLE supplies (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NULL, quantity INT NOT NULL DEFAULT 0,
  price DECIMAL(10,2) NULL, created DATETIME NULL);
CREATE TABLE locations (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, supply_id INT NULL, city VARCHAR(60) NOT NULL, capacity INT NULL,
  CONSTRAINT fk_loc_sup FOREIGN KEY (supply_id) REFERENCES supplies (id) ON DELETE SET NULL);
CREATE TABLE order_lines (
  order_id INT NOT NULL, line_no INT NOT NULL, sku VARCHAR(20) NOT NULL, qty INT NOT NULL DEFAULT 1, note TEXT NULL,
  PRIMARY KEY (order_id, line_no));
CREATE TABLE countries (code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, population BIGINT NULL);
CREATE TABLE audit_log (logged_at DATETIME NULL, level VARCHAR(10) NULL, message VARCHAR(200) NULL);
CREATE TABLE all_types (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  c_tinyint TINYINT NULL, c_bool TINYINT(1) NULL, c_smallint SMALLINT NULL, c_mediumint MEDIUMINT NULL,
  c_int INT NULL, c_uint INT UNSIGNED NULL, c_bigint BIGINT NULL, c_decimal DECIMAL(12,4) NULL,
  c_float FLOAT NULL, c_double DOUBLE NULL, c_bit BIT(1) NULL, c_char CHAR(10) NULL, c_varchar VARCHAR(100) NULL DEFAULT 'dflt',
  c_text TEXT NULL, c_longtext LONGTEXT NULL, c_binary VARBINARY(16) NULL, c_blob BLOB NULL,
  c_date DATE NULL, c_time TIME NULL, c_datetime DATETIME NULL, c_timestamp TIMESTAMP NULL, c_year YEAR NULL,
  c_json JSON NULL, c_uuid CHAR(36) NULL, c_enum ENUM('red','green','blue') NULL, c_set SET('a','b','c') NULL);
INSERT INTO departments VALUES ('d001', 'Marketing'), ('d005', 'Development');
INSERT INTO employees VALUES (10001, '1983-10-14', 'Sven', 'Urban', 'M', '2000-05-04'),
  (10002, '1951-08-16', 'Bruno', 'Moreau', 'M', '2004-04-16');
INSERT INTO dept_emp VALUES (10001, 'd005', '2000-05-04', '9999-01-01');
INSERT INTO supplies (id, name, quantity, price, created) VALUES
  (1, 'Anvil', 5, 19.99, '2024-01-02 03:04:05'), (2, '日本茶', 60, 4.20, NULL);
INSERT INTO all_types VALUES
(1, 127, 1, 32767, 8388607, 2147483647, 4294967295, 9223372036854775807, 12345678.1234, 1.5, 3.141592653589793, b'1', 'fixed', 'variable', 'text ünïcode', 'long text', X'00FF10', X'DEADBEEF', '2024-02-29', '13:14:15', '2024-02-29 13:14:15', '2024-02-29 13:14:15', 2024, '{"a": 1, "b": [true, null, "x"]}', '123e4567-e89b-12d3-a456-426614174000', 'green', 'a,c'),
(2, -128, 0, -32768, -8388608, -2147483648, 0, -9223372036854775808, -0.5000, -2.25, 1e-10, b'0', '', '', '', '', X'', X'', '1000-01-01', '00:00:00', '1000-01-01 00:00:00', '1970-01-02 00:00:00', 1901, '[]', NULL, 'red', ''),
(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW employee_summary AS
  SELECT e.emp_no, CONCAT(e.first_name, ' ', e.last_name) AS full_name, COUNT(de.dept_no) AS departments
  FROM employees e LEFT JOIN dept_emp de ON de.emp_no = e.emp_no GROUP BY e.emp_no, e.first_name, e.last_name;
