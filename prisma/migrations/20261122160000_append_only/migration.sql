-- What Prisma cannot say: published rows are append-only, tags sort by bytes, and the ledger never frees what a
-- published version reaches. These rules hold for every client of the database, not only for our code.

-- Tags are listed in ASCII order (OCI Distribution Specification, "Listing Tags"), whatever the cluster's locale.
ALTER TABLE "tag" ALTER COLUMN "name" TYPE text COLLATE "C";
ALTER TABLE "repository" ALTER COLUMN "name" TYPE text COLLATE "C";

ALTER TABLE "record_version" ADD CONSTRAINT "record_version_number_positive" CHECK ("number" > 0);
ALTER TABLE "record_version" ADD CONSTRAINT "record_version_published_complete" CHECK (
  "state" NOT IN ('published', 'withdrawn')
  OR ("record_digest" IS NOT NULL AND "published_at" IS NOT NULL AND "published_by" IS NOT NULL)
);
ALTER TABLE "blob" ADD CONSTRAINT "blob_size_not_negative" CHECK ("size" >= 0);
ALTER TABLE "blob" ADD CONSTRAINT "blob_digest_sha256" CHECK ("digest" ~ '^sha256:[0-9a-f]{64}$');
ALTER TABLE "upload" ADD CONSTRAINT "upload_received_not_negative" CHECK ("received" >= 0);

CREATE FUNCTION envarium_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'envarium: % on % is refused: rows of this table are append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

-- Content that is named by a digest never changes, and is never taken back.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "tag_event" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "image_manifest" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "manifest_reference" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "environment_manifest" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "environment_package" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "environment_requirement" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "package" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "package_version" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "hardware_fingerprint" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "run" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "run_input" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "run_file" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE DELETE ON "output_link" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE DELETE ON "article" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE DELETE ON "output" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE DELETE ON "hold" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();

-- An event is a fact; only the mark that its journal entry is durable may be set, once.
CREATE FUNCTION envarium_event_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.stored_at IS NULL AND NEW.stored_at IS NOT NULL
     AND (NEW.id, NEW.seq, NEW.kind, NEW.at, NEW.actor, NEW.subject, NEW.detail)
         IS NOT DISTINCT FROM (OLD.id, OLD.seq, OLD.kind, OLD.at, OLD.actor, OLD.subject, OLD.detail) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'envarium: % on event is refused: events are append-only', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "event" FOR EACH ROW EXECUTE FUNCTION envarium_event_rules();
CREATE INDEX "event_unstored" ON "event" ("seq") WHERE "stored_at" IS NULL;

-- A published version is frozen; the one thing that may still happen to it is a withdrawal, which leaves a tombstone.
CREATE FUNCTION envarium_version_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state = 'draft' THEN RETURN OLD; END IF;
  ELSIF OLD.state IN ('draft', 'in_review') THEN
    IF (NEW.record_id, NEW.number, NEW.created_at, NEW.created_by)
       IS NOT DISTINCT FROM (OLD.record_id, OLD.number, OLD.created_at, OLD.created_by) THEN RETURN NEW; END IF;
  ELSIF OLD.state = 'published' AND NEW.state = 'withdrawn' AND NEW.withdrawn_at IS NOT NULL
     AND (to_jsonb(NEW) - '{state,withdrawn_at,withdrawal_reason}'::text[])
         = (to_jsonb(OLD) - '{state,withdrawn_at,withdrawal_reason}'::text[]) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'envarium: % on a % version is refused', TG_OP, OLD.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON "record_version" FOR EACH ROW EXECUTE FUNCTION envarium_version_rules();

CREATE FUNCTION envarium_package_file_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  version bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
  IF EXISTS (SELECT 1 FROM "record_version" v WHERE v.id = version AND v.state IN ('published', 'withdrawn')) THEN
    RAISE EXCEPTION 'envarium: % on a package file of a published version is refused', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON "package_file" FOR EACH ROW EXECUTE FUNCTION envarium_package_file_rules();

-- The tags v<N> and v<N>.record of a published version never move and never go.
CREATE FUNCTION envarium_tag_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.manifest_id = OLD.manifest_id AND NEW.name = OLD.name AND NEW.repository_id = OLD.repository_id THEN
    RETURN NEW;
  END IF;
  IF EXISTS (
    SELECT 1 FROM "record_version" v JOIN "archive_record" r ON r.id = v.record_id
    WHERE r.repository_id = OLD.repository_id AND v.state IN ('published', 'withdrawn')
      AND OLD.name IN ('v' || v.number, 'v' || v.number || '.record')
  ) THEN
    RAISE EXCEPTION 'envarium: tag % belongs to a published version', OLD.name USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON "tag" FOR EACH ROW EXECUTE FUNCTION envarium_tag_rules();

-- A repository that has a published version gives nothing back: reachability is decided generously, never narrowly.
CREATE FUNCTION envarium_repository_content_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM "record_version" v JOIN "archive_record" r ON r.id = v.record_id
    WHERE r.repository_id = OLD.repository_id AND v.state IN ('published', 'withdrawn')
  ) THEN
    RAISE EXCEPTION 'envarium: content of a repository with a published version is refused for %', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER held BEFORE UPDATE OR DELETE ON "repository_manifest" FOR EACH ROW EXECUTE FUNCTION envarium_repository_content_rules();
CREATE TRIGGER held BEFORE UPDATE OR DELETE ON "repository_blob" FOR EACH ROW EXECUTE FUNCTION envarium_repository_content_rules();

-- A blob's name and length are facts. It may go only from quarantine, and only when nothing names it any more.
CREATE FUNCTION envarium_blob_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.digest = OLD.digest AND NEW.size = OLD.size THEN RETURN NEW; END IF;
  ELSIF OLD.state = 'quarantined'
     AND NOT EXISTS (SELECT 1 FROM "manifest_reference" m WHERE m.digest = OLD.digest)
     AND NOT EXISTS (SELECT 1 FROM "package_file" f WHERE f.digest = OLD.digest) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'envarium: % on blob % is refused', TG_OP, OLD.digest USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER held BEFORE UPDATE OR DELETE ON "blob" FOR EACH ROW EXECUTE FUNCTION envarium_blob_rules();
