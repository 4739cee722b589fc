-- Routines beside those of the demonstration data.
CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(400));
DELIMITER //
CREATE PROCEDURE two_sets(IN p_n INT) COMMENT 'Two at once.'
BEGIN SELECT p_n AS a UNION ALL SELECT p_n + 1; DO 1; SELECT 'x' AS b WHERE 1 = 0; END//
CREATE PROCEDURE set_and_out(IN p_n INT, OUT p_total DECIMAL(8,2), INOUT p_word VARCHAR(20), OUT p_flag TINYINT(1))
BEGIN SELECT p_n AS n; SET p_total = p_n * 1.5, p_word = CONCAT(p_word, '!'), p_flag = 1; END//
CREATE PROCEDURE out_between(IN p_a INT, OUT p_out INT, IN p_b INT)
BEGIN SET p_out = p_a * 10 + p_b; END//
CREATE PROCEDURE note(IN p_note VARCHAR(400))
BEGIN INSERT INTO audit (note) VALUES (p_note); SELECT note FROM audit WHERE note = p_note; END//
CREATE PROCEDURE refuse(IN p_why VARCHAR(80))
BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = p_why; END//
CREATE PROCEDURE broken() BEGIN SELECT * FROM no_such_table; END//
CREATE PROCEDURE many() BEGIN SELECT a.emp_no FROM employees a, employees b; END//
CREATE PROCEDURE leave_behind()
BEGIN CREATE TEMPORARY TABLE left_over (a INT); SET @left_over = 1; SET time_zone = '+05:00'; START TRANSACTION;
INSERT INTO audit (note) VALUES ('never'); SELECT 1 AS done; END//
CREATE PROCEDURE `odd ``name`(IN `odd ``param` INT) BEGIN SELECT `odd ``param` AS `odd ``column`; END//
CREATE PROCEDURE types(IN p_date DATE, IN p_amount DECIMAL(10,2), IN p_text TEXT, IN p_flag BOOLEAN)
BEGIN SELECT p_date AS d, p_amount AS n, p_text AS t, p_flag AS f; END//
CREATE FUNCTION is_even(p_n INT) RETURNS TINYINT(1) DETERMINISTIC NO SQL RETURN p_n % 2 = 0//
CREATE FUNCTION whose() RETURNS VARCHAR(20) DETERMINISTIC NO SQL RETURN 'ours'//
DELIMITER ;
