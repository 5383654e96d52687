"""S3 by boto3, the `aws s3` commands and curl."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import time
import urllib.parse
import zlib

import boto3
import botocore.config
import pytest

from errors import refused
from harness import ACCOUNT, OREGON, SEOUL, processes_of, run, start_time, unique

OTHER = "444455556666"
MIB = 1024 * 1024
# Checksums and region redirects are the clients' own; bodies that are refused are not sent again.
PLAIN = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)


def client(lab, region=SEOUL, account=ACCOUNT, config=PLAIN):
    return boto3.client("s3", region_name=region, endpoint_url=lab.url, config=config, aws_access_key_id=account,
                        aws_secret_access_key="vpclab")


@pytest.fixture(scope="module")
def s3(lab):
    return client(lab)


def make(s3, region=SEOUL):
    name = unique("bucket")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    return name


@pytest.fixture
def bucket(s3):
    return make(s3)


def noise(size):
    """Bytes that no two of which repeat soon, quickly made."""
    return hashlib.shake_256(b"vpclab").digest(size)


def body(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


@pytest.fixture
def cli(lab, aws, tmp_path):
    """The `aws` CLI in a directory of its own."""

    def command(*arguments, code=0):
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT,
               "AWS_SECRET_ACCESS_KEY": "vpclab", "AWS_DEFAULT_REGION": SEOUL, "AWS_EC2_METADATA_DISABLED": "true"}
        answer = run([aws, "s3", *arguments], env=env, timeout=120, cwd=tmp_path)
        assert answer.code == code, answer
        return answer

    return command


def test_an_object_comes_back(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="dir/a b+ü/", Body=b"hello", ContentType="text/plain", CacheControl="no-cache",
                        Metadata={"colour": "red"}, Tagging="a=1&b=2")
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="dir/a b+ü/")
    assert got["Body"].read() == b"hello"
    assert (got["ContentType"], got["CacheControl"], got["Metadata"], got["TagCount"]) == ("text/plain", "no-cache", {"colour": "red"}, 2)
    head = s3.head_object(Bucket=bucket, Key="dir/a b+ü/", ChecksumMode="ENABLED")
    assert (head["ContentLength"], head["ServerSideEncryption"]) == (5, "AES256")
    assert head["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    with refused("NoSuchKey", "The specified key does not exist.", 404):
        s3.get_object(Bucket=bucket, Key="dir/a b+ü")
    with refused("404", status=404):
        s3.head_object(Bucket=bucket, Key="none")
    with refused("NoSuchBucket", "The specified bucket does not exist", 404):
        s3.get_object(Bucket="no-such-bucket-at-all", Key="k")
    s3.delete_object(Bucket=bucket, Key="dir/a b+ü/")
    s3.delete_object(Bucket=bucket, Key="dir/a b+ü/")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_every_checksum(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    field = f"Checksum{algorithm}"
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    # boto3 verifies it while it reads.
    assert got["Body"].read() == b"hello" and got[field] == put[field]
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectSize", "ETag"])
    assert (attributes["Checksum"][field], attributes["ObjectSize"]) == (put[field], 5)
    with refused("BadDigest", f"The {algorithm} you specified did not match the calculated checksum."):
        s3.put_object(Bucket=bucket, Key="l", Body=b"hallo", **{field: put[field]})
    with refused("BadDigest"):
        s3.put_object(Bucket=bucket, Key="l", Body=b"hello", ContentMD5=base64.b64encode(hashlib.md5(b"x").digest()).decode())
    with refused("404", status=404):
        s3.head_object(Bucket=bucket, Key="l")


def test_ranges_and_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["ETag"]
    got = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")
    assert (got["Body"].read(), got["ContentRange"], got["ResponseMetadata"]["HTTPStatusCode"]) == (b"234", "bytes 2-4/10", 206)
    assert body(s3, bucket, "k", Range="bytes=-3") == b"789"
    with refused("InvalidRange", "The requested range is not satisfiable", 416):
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-")
    with refused("304", status=304):
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    with refused("PreconditionFailed", status=412):
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    with refused("PreconditionFailed", status=412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfMatch=etag)
    with refused("PreconditionFailed", status=412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"z", IfMatch=etag)
    assert body(s3, bucket, "k") == b"y"


def test_lists(s3, bucket):
    keys = ["a", "b/1", "b/2/x", "c d", "e/ü"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
        assert [item["Key"] for page in pages for item in page["Contents"]] == keys, operation
        pages = list(s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}))
        assert [item["Key"] for page in pages for item in page.get("Contents", [])] == ["a", "c d"], operation
        assert [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])] == ["b/", "e/"], operation
    below = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/", FetchOwner=True)
    assert ([c["Key"] for c in below["Contents"]], below["CommonPrefixes"], below["KeyCount"]) == (["b/1"], [{"Prefix": "b/2/"}], 2)
    assert len(below["Contents"][0]["Owner"]["ID"]) == 64
    assert [c["Key"] for c in s3.list_objects_v2(Bucket=bucket, StartAfter="b/2/x")["Contents"]] == ["c d", "e/ü"]
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in [*keys, "none"]]})
    assert len(deleted["Deleted"]) == 6 and "Errors" not in deleted


def test_versions(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"null")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    one, two = (s3.put_object(Bucket=bucket, Key="k", Body=text)["VersionId"] for text in (b"one", b"two"))
    assert (body(s3, bucket, "k"), body(s3, bucket, "k", VersionId=one), body(s3, bucket, "k", VersionId="null")) == (b"two", b"one", b"null")
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"]
    with refused("NoSuchKey", status=404):
        s3.get_object(Bucket=bucket, Key="k")
    with refused("MethodNotAllowed", status=405):
        s3.get_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    with refused("NoSuchVersion", status=404):
        s3.get_object(Bucket=bucket, Key="k", VersionId="x" * 32)
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1}))
    versions = [(v["VersionId"], v["IsLatest"]) for page in pages for v in page.get("Versions", [])]
    assert versions == [(two, False), (one, False), ("null", False)]
    assert [v["IsLatest"] for page in pages for v in page.get("DeleteMarkers", [])] == [True]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert body(s3, bucket, "k") == b"two"
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": one})
    assert body(s3, bucket, "k") == b"one"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"new null")
    assert (body(s3, bucket, "k", VersionId="null"), body(s3, bucket, "k", VersionId=two)) == (b"new null", b"two")
    with refused("BucketNotEmpty", status=409):
        s3.delete_bucket(Bucket=bucket)


def test_upload_in_parts(lab, s3, bucket, tmp_path):
    """boto3 and s3transfer's own way: 20 MB in parts of 8 MiB, several at once, and back in ranges."""
    path = tmp_path / "big"
    path.write_bytes(noise(20 * MIB + 1))
    s3.upload_file(str(path), bucket, "big", ExtraArgs={"Metadata": {"a": "b"}, "ContentType": "x/y"})
    head = s3.head_object(Bucket=bucket, Key="big")
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (20 * MIB + 1, "x/y", {"a": "b"})
    parts = [path.read_bytes()[at : at + 8 * MIB] for at in range(0, 20 * MIB + 1, 8 * MIB)]
    assert head["ETag"] == f'"{hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()}-3"'
    s3.download_file(bucket, "big", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == path.read_bytes()
    assert s3.head_object(Bucket=bucket, Key="big", PartNumber=3)["PartsCount"] == 3
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied in parts")
    s3.copy_object(Bucket=bucket, Key="copied", CopySource=f"{bucket}/big")
    for key in ("copied in parts", "copied"):
        assert body(s3, bucket, key, Range=f"bytes={8 * MIB - 3}-{8 * MIB + 3}") == path.read_bytes()[8 * MIB - 3 : 8 * MIB + 4], key
    assert s3.head_object(Bucket=bucket, Key="copied")["ETag"] == f'"{hashlib.md5(path.read_bytes()).hexdigest()}"'


def test_uploads_step_by_step(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="CRC64NVME")["UploadId"]

    def part(number, content):
        return s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=content, ChecksumAlgorithm="CRC64NVME")

    first = part(1, noise(5 * MIB))
    part(2, b"replaced")
    second = part(2, b"the end")
    with refused("InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: crc64nvme, actual checksum Type: sha1"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=3, Body=b"x", ChecksumAlgorithm="SHA1")
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, 5 * MIB), (2, 7)]

    def complete(*parts):
        given = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        return s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": given})

    with refused("InvalidPart"):
        complete((1, first["ETag"]), (2, '"none"'))
    with refused("InvalidPartOrder"):
        complete((2, second["ETag"]), (1, first["ETag"]))
    done = complete((1, first["ETag"]), (2, second["ETag"]))
    whole = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert whole["ChecksumType"] == "FULL_OBJECT" and whole["ChecksumCRC64NVME"] == done["ChecksumCRC64NVME"]
    # The same bytes in one piece have the same checksum.
    s3.put_object(Bucket=bucket, Key="l", Body=noise(5 * MIB) + b"the end", ChecksumAlgorithm="CRC64NVME")
    assert s3.head_object(Bucket=bucket, Key="l", ChecksumMode="ENABLED")["ChecksumCRC64NVME"] == whole["ChecksumCRC64NVME"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    small = [s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
    with refused("EntityTooSmall"):
        complete((1, small[0]), (2, small[1]))
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with refused("NoSuchUpload", status=404):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)


def test_presigned_urls(s3, bucket, lab):
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k", "Metadata": {"a": "b"}}, ExpiresIn=60)
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k", "ResponseContentType": "x/y"}, ExpiresIn=60)
    assert run(["curl", "-sS", "-f", "-T", "-", "-H", "x-amz-meta-a: b", put], stdin=b"by curl").code != 0, "a body without a length is refused"
    answer = run(["curl", "-sS", "-f", "-X", "PUT", "--data-binary", "by curl", "-H", "x-amz-meta-a: b", put])
    assert answer.code == 0, answer
    assert run(["curl", "-sS", "-f", get]).out == "by curl"
    head = run(["curl", "-sS", "-I", "-X", "GET", get]).out.lower()
    assert "content-type: x/y" in head and "x-amz-meta-a: b" in head
    old = client(lab, config=botocore.config.Config(signature_version="s3"))
    assert run(["curl", "-sS", "-f", old.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})]).out == "by curl"
    # The same URL, signed an hour ago.
    parsed = urllib.parse.urlsplit(get)
    query = dict(urllib.parse.parse_qsl(parsed.query))
    query["X-Amz-Date"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - 3600))
    stale = parsed._replace(query=urllib.parse.urlencode(query)).geturl()
    assert "<Message>Request has expired</Message>" in run(["curl", "-sS", stale]).out
    unsigned = parsed._replace(query="").geturl()
    assert "<Code>AccessDenied</Code>" in run(["curl", "-sS", unsigned]).out


def test_virtual_host_style(lab, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    query = urllib.parse.urlsplit(url).query
    for host in (f"{bucket}.s3.{SEOUL}.amazonaws.com", f"{bucket}.s3.localhost"):
        assert run(["curl", "-sS", "-f", "-H", f"Host: {host}", f"{lab.url}/k?{query}"]).out == "hello", host


def test_the_aws_command(cli, tmp_path):
    name = unique("bucket")
    (tmp_path / "tree/sub").mkdir(parents=True)
    for path in ("one.txt", "sub/zwei ü.txt"):
        (tmp_path / "tree" / path).write_text(path)
    (tmp_path / "big").write_bytes(noise(20 * MIB))
    cli("mb", f"s3://{name}")
    cli("cp", "--quiet", "big", f"s3://{name}/big")
    cli("sync", "--quiet", "tree", f"s3://{name}/tree")
    assert [line.split()[-1] for line in cli("ls", f"s3://{name}").out.splitlines()] == ["tree/", "big"]
    assert len(cli("ls", "--recursive", f"s3://{name}").out.splitlines()) == 3
    cli("cp", "--quiet", f"s3://{name}/big", "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "big").read_bytes()
    cli("sync", "--quiet", f"s3://{name}/tree", "tree2")
    assert (tmp_path / "tree2/sub/zwei ü.txt").read_text() == "sub/zwei ü.txt"
    assert cli("sync", f"s3://{name}/tree", "tree2").out == "", "nothing is left to do"
    cli("mv", "--quiet", f"s3://{name}/tree/one.txt", f"s3://{name}/moved.txt")
    assert cli("cp", f"s3://{name}/moved.txt", "-").out == "one.txt"
    assert "BucketNotEmpty" in cli("rb", f"s3://{name}", code=1).err
    cli("rm", "--recursive", "--quiet", f"s3://{name}")
    cli("rb", f"s3://{name}")
    assert name not in cli("ls").out


def test_settings(s3, bucket):
    with refused("NoSuchTagSet", status=404):
        s3.get_bucket_tagging(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "1"}]
    with refused("InvalidTag"):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}] * 2})
    everything = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == everything
    s3.delete_public_access_block(Bucket=bucket)
    with refused("NoSuchPublicAccessBlockConfiguration", status=404):
        s3.get_public_access_block(Bucket=bucket)
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [kms]})
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert (put["ServerSideEncryption"], put["BucketKeyEnabled"]) == ("aws:kms", True)
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
              "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
             {"ID": "logs", "Status": "Disabled", "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}}, "Expiration": {"Days": 7}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == controls
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    with refused("NotImplemented", status=501):
        target = {"LambdaFunctionArn": f"arn:aws:lambda:{SEOUL}:{ACCOUNT}:function:f", "Events": ["s3:ObjectCreated:*"]}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [target]})


def test_other_accounts_and_regions(lab, s3, bucket):
    s3.put_object(Bucket=bucket, Key="shared/k", Body=b"hello")
    other = client(lab, account=OTHER)
    for ask in (lambda: other.get_object(Bucket=bucket, Key="shared/k"), lambda: other.list_objects_v2(Bucket=bucket)):
        with refused("AccessDenied", "Access Denied", 403):
            ask()
    with refused("BucketAlreadyExists", status=409):
        make_again(other, bucket)
    with refused("BucketAlreadyOwnedByYou", status=409):
        make_again(s3, bucket)
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{bucket}/shared/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    assert body(other, bucket, "shared/k") == b"hello"
    with refused("AccessDenied", status=403):
        other.put_object(Bucket=bucket, Key="shared/k", Body=b"")
    with refused("MalformedPolicy", "Policy has invalid resource"):
        policy["Statement"][0]["Resource"] = "arn:aws:s3:::another/*"
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("NoSuchBucketPolicy", status=404):
        s3.get_bucket_policy(Bucket=bucket)
    # A client of another region is told where the bucket is, and boto3 goes there by itself.
    far = client(lab, region=OREGON)
    assert body(far, bucket, "shared/k") == b"hello"
    assert far.head_bucket(Bucket=bucket)["BucketRegion"] == SEOUL
    assert far.get_bucket_location(Bucket=bucket)["LocationConstraint"] == SEOUL


def make_again(s3, bucket):
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": SEOUL})


def test_a_killed_lab_has_lost_nothing(fresh):
    lab = fresh(ephemeral=False).up()
    s3 = client(lab)
    bucket = make(s3)
    contents = {f"k{n}": noise(100_000 + n) for n in range(20)}
    for key, content in contents.items():
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    etag = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"half")["ETag"]
    unfinished = subprocess.Popen(["curl", "-sS", "-o", "/dev/null", "--limit-rate", "1k", "-T", "/dev/zero", "-H", "Content-Length: 1000000", "-H",
                                   "Expect:", s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "never"})],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    processes, _ = processes_of(lab.pid)
    os.kill(lab.pid, signal.SIGKILL)
    unfinished.kill()
    unfinished.wait()
    # The lock goes with the last thread, which may outlive the first.
    while lab.vpclab("status").code == 0 or any(start_time(pid) == start for pid, start in processes):
        time.sleep(0.02)
    lab.up()
    s3 = client(lab)
    assert {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]} == set(contents)
    for key, content in contents.items():
        assert body(s3, bucket, key) == content
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert body(s3, bucket, "parts") == b"half"
    files = [path for path in (lab.state / "blobs").rglob("*") if path.is_file()]
    assert len(files) == 21, "what was unfinished is gone"
    lab.down()
