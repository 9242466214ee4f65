-- What got past the rules of 20261122160000_append_only: TRUNCATE, which fires no row trigger; columns of rows that may
-- change in one column only; names and identifiers that everything else is reached by; a package file or a tag that
-- comes to a published version afterwards.

-- The only columns that may ever change are given as arguments.
CREATE FUNCTION envarium_frozen_except() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - TG_ARGV) = (to_jsonb(OLD) - TG_ARGV) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'envarium: % on % is refused: only % may change', TG_OP, TG_TABLE_NAME, array_to_string(TG_ARGV, ', ')
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON "output_link" FOR EACH ROW EXECUTE FUNCTION envarium_frozen_except('status');
CREATE TRIGGER frozen BEFORE UPDATE ON "article" FOR EACH ROW EXECUTE FUNCTION envarium_frozen_except('title');
CREATE TRIGGER frozen BEFORE UPDATE ON "output" FOR EACH ROW EXECUTE FUNCTION envarium_frozen_except('component_doi');
CREATE TRIGGER frozen BEFORE UPDATE ON "hold" FOR EACH ROW EXECUTE FUNCTION envarium_frozen_except('lifted_at');
CREATE TRIGGER frozen BEFORE UPDATE ON "repository" FOR EACH ROW EXECUTE FUNCTION envarium_frozen_except('visibility');
CREATE TRIGGER frozen BEFORE UPDATE ON "namespace" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER frozen BEFORE UPDATE ON "archive_record" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();

-- An UPDATE has two versions: the file must not come into a published one either.
CREATE OR REPLACE FUNCTION envarium_package_file_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  versions bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.version_id] WHEN 'DELETE' THEN ARRAY[OLD.version_id]
                                  ELSE ARRAY[OLD.version_id, NEW.version_id] END;
BEGIN
  IF EXISTS (SELECT 1 FROM "record_version" v WHERE v.id = ANY (versions) AND v.state IN ('published', 'withdrawn')) THEN
    RAISE EXCEPTION 'envarium: % on a package file of a published version is refused', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- The tag v<N> of a version that was published without an image stays free for ever: it would pass for its image.
CREATE OR REPLACE FUNCTION envarium_tag_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tags text[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.name] WHEN 'DELETE' THEN ARRAY[OLD.name] ELSE ARRAY[OLD.name, NEW.name] END;
  repositories bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.repository_id] WHEN 'DELETE' THEN ARRAY[OLD.repository_id]
                                      ELSE ARRAY[OLD.repository_id, NEW.repository_id] END;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.manifest_id = OLD.manifest_id AND NEW.name = OLD.name AND NEW.repository_id = OLD.repository_id THEN
    RETURN NEW;
  END IF;
  IF EXISTS (
    SELECT 1 FROM "record_version" v JOIN "archive_record" r ON r.id = v.record_id
    WHERE r.repository_id = ANY (repositories) AND v.state IN ('published', 'withdrawn')
      AND ARRAY['v' || v.number, 'v' || v.number || '.record'] && tags
  ) THEN
    RAISE EXCEPTION 'envarium: tag % belongs to a published version', tags[1] USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER frozen ON "tag";
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON "tag" FOR EACH ROW EXECUTE FUNCTION envarium_tag_rules();

-- Every archival table. A database that may be emptied is dropped as a whole.
DO $$
DECLARE
  archival text;
BEGIN
  FOREACH archival IN ARRAY ARRAY[
    'namespace', 'event', 'repository', 'blob', 'repository_blob', 'image_manifest', 'manifest_reference',
    'repository_manifest', 'tag', 'tag_event', 'archive_record', 'record_version', 'package_file', 'environment_manifest',
    'package', 'package_version', 'environment_package', 'environment_requirement', 'hardware_fingerprint', 'hold',
    'article', 'output', 'run', 'run_input', 'run_file', 'output_link'
  ] LOOP
    EXECUTE format(
      'CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse()', archival
    );
  END LOOP;
END $$;
