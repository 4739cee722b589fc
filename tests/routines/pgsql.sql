-- Routines beside those of the demonstration data.
CREATE TABLE audit (id SERIAL PRIMARY KEY, note TEXT);
CREATE PROCEDURE note(p_note TEXT, INOUT p_id INT DEFAULT NULL) LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO audit (note) VALUES (p_note) RETURNING id INTO p_id; COMMIT; END $$;
CREATE PROCEDURE out_between(p_a INT, OUT p_out INT, p_b INT) LANGUAGE plpgsql AS $$ BEGIN p_out := p_a * 10 + p_b; END $$;
CREATE PROCEDURE exotic(INOUT p_list INT[], INOUT p_span INTERVAL, INOUT p_n NUMERIC, INOUT p_text TEXT) LANGUAGE plpgsql AS
$$ BEGIN p_list := p_list || 9; p_n := p_n + 0.5; END $$;
CREATE PROCEDURE nothing() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE PROCEDURE open_cursor(p_max INT, INOUT p_rows REFCURSOR DEFAULT 'the "rows"', INOUT p_n INT DEFAULT 0) LANGUAGE plpgsql AS
$$ BEGIN OPEN p_rows FOR SELECT dept_no, dept_name FROM departments ORDER BY dept_no LIMIT p_max; p_n := p_max; END $$;
CREATE FUNCTION cursor_of(p_max INT) RETURNS REFCURSOR LANGUAGE plpgsql AS
$$ DECLARE c REFCURSOR; BEGIN OPEN c FOR SELECT dept_no, ARRAY[1, 2] AS list, 1.50::numeric AS n FROM departments ORDER BY 1 LIMIT p_max; RETURN c; END $$;
CREATE FUNCTION cursors() RETURNS SETOF REFCURSOR LANGUAGE plpgsql AS
$$ DECLARE a REFCURSOR := 'a'; b REFCURSOR := 'b'; BEGIN OPEN a FOR SELECT 1 AS x; RETURN NEXT a; OPEN b FOR SELECT 2 AS y; RETURN NEXT b; END $$;
CREATE FUNCTION many_cursor() RETURNS REFCURSOR LANGUAGE plpgsql AS
$$ DECLARE c REFCURSOR; BEGIN OPEN c FOR SELECT generate_series(1, 1000000) AS n; RETURN c; END $$;
CREATE FUNCTION numbers(p_to INT) RETURNS SETOF INT LANGUAGE sql AS $$ SELECT generate_series(1, p_to) $$;
CREATE FUNCTION department(p_no TEXT) RETURNS departments LANGUAGE sql AS $$ SELECT * FROM departments WHERE dept_no = p_no $$;
CREATE FUNCTION bare_record() RETURNS RECORD LANGUAGE sql AS $$ SELECT 1, 'a'::text $$;
CREATE FUNCTION no_value() RETURNS VOID LANGUAGE sql AS $$ SELECT NULL $$;
CREATE FUNCTION with_default(p_a INT, p_b INT DEFAULT 10, p_c INT DEFAULT 100) RETURNS INT LANGUAGE sql AS $$ SELECT p_a + p_b + p_c $$;
CREATE FUNCTION summed(VARIADIC p_all INT[]) RETURNS BIGINT LANGUAGE sql AS $$ SELECT COALESCE(SUM(x), 0) FROM unnest(p_all) x $$;
CREATE FUNCTION overloaded(p_a INT) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'int' $$;
CREATE FUNCTION overloaded(p_a INT, p_b INT) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'two' $$;
CREATE FUNCTION unnamed(INT, TEXT) RETURNS TEXT LANGUAGE sql AS $$ SELECT $2 || $1 $$;
CREATE FUNCTION spans() RETURNS TABLE (span INTERVAL, at TIMESTAMPTZ) LANGUAGE sql AS
$$ SELECT INTERVAL '1 day', '2024-01-02 03:04:05+00'::timestamptz UNION ALL SELECT NULL, NULL $$;
CREATE FUNCTION types(p_date DATE, p_amount NUMERIC, p_json JSONB, p_flag BOOLEAN) RETURNS TABLE (d DATE, n NUMERIC, j JSONB, f BOOLEAN) LANGUAGE sql AS
$$ SELECT p_date, p_amount, p_json, p_flag UNION ALL SELECT NULL, NULL, NULL, NULL $$;
CREATE FUNCTION refuse(p_why TEXT) RETURNS INT LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', p_why; END $$;
CREATE FUNCTION broken() RETURNS INT LANGUAGE plpgsql AS $$ BEGIN PERFORM * FROM no_such_table; RETURN 1; END $$;
CREATE FUNCTION many() RETURNS SETOF INT LANGUAGE sql AS $$ SELECT generate_series(1, 1000000) $$;
CREATE FUNCTION leave_behind() RETURNS INT LANGUAGE plpgsql AS
$$ BEGIN CREATE TEMP TABLE left_over (a INT); SET search_path = nowhere; SET timezone = 'Asia/Tokyo'; PERFORM pg_advisory_lock(7); RETURN 1; END $$;
CREATE FUNCTION on_audit() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION "Odd ""name"("Odd ""param" INT) RETURNS INT LANGUAGE sql AS $$ SELECT $1 $$;
CREATE SCHEMA other;
CREATE FUNCTION other.whose() RETURNS TEXT LANGUAGE sql AS $$ SELECT 'others'::text $$;
CREATE FUNCTION whose() RETURNS TEXT LANGUAGE sql AS $$ SELECT 'ours'::text $$;
CREATE FUNCTION whoami(p_id INT) RETURNS INT LANGUAGE sql AS $$ SELECT p_id $$;
