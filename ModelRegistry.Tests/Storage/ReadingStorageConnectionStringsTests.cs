using ModelRegistry.Core.Artifacts.Storage;

namespace ModelRegistry.Tests.Storage;

public sealed class ReadingStorageConnectionStringsTests
{
    [Fact]
    public void A_disk_path_is_relative_to_the_content_root()
    {
        Read("disk://path=data/artifacts").ShouldBe(new DiskConnection("/srv/registry/data/artifacts"));
        Read("disk://path=/mnt/a=b").ShouldBe(new DiskConnection("/mnt/a=b"));
        Read("disk://PATH=%2Fmnt%2Fa%3Bb").ShouldBe(new DiskConnection("/mnt/a;b"));
    }

    [Theory]
    [InlineData("inmemory://")]
    [InlineData("inmemory")]
    public void Memory_takes_no_keys(string text) => Read(text).ShouldBe(new InMemoryConnection());

    [Fact]
    public void A_plus_and_equal_signs_in_a_key_survive()
    {
        var s3 = Read("aws.s3://keyId=AKIA;key=a+b/c==;bucket=models;region=eu-central-1;st=t+t;").ShouldBeOfType<S3Connection>();
        s3.Key.ShouldBe("a+b/c==");
        s3.SessionToken.ShouldBe("t+t");
        Read("azure.blob://account=acc;key=Eby8+/==;container=c").ShouldBeOfType<AzureBlobConnection>().Key.ShouldBe("Eby8+/==");
    }

    [Fact]
    public void Flags_addresses_and_prefixes_are_read()
    {
        var s3 = Read("aws.s3://bucket=b;serviceUrl=http://127.0.0.1:7480;forcePathStyle;keyId=i;key=k;prefix=/team/models/;checksums=false")
            .ShouldBeOfType<S3Connection>();
        (s3.ForcePathStyle, s3.Checksums, s3.Prefix, s3.ServiceUrl!.Port).ShouldBe((true, false, "team/models/", 7480));
        var azure = Read("azure.blob://emu;container=c").ShouldBeOfType<AzureBlobConnection>();
        azure.Emulator.ShouldBeTrue();
        Read("azure.blob://account=a;msi;container=c").ShouldBeOfType<AzureBlobConnection>().ManagedIdentity.ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "disk://")]
    [InlineData("file:///data", "disk://")]
    [InlineData("Disk://path=/a", "disk://")]
    [InlineData("s3://bucket", "aws.s3://")]
    [InlineData("disk://", "path")]
    [InlineData("disk://path=", "path")]
    [InlineData("disk://path=/a;sise=3", "'sise'")]
    [InlineData("disk://path=/a;Path=/b", "'Path' twice")]
    [InlineData("inmemory://path=/a", "'path'")]
    [InlineData("aws.s3://region=eu", "bucket")]
    [InlineData("aws.s3://bucket=b", "region")]
    [InlineData("aws.s3://bucket=b;region=r;keyId=i", "both or neither")]
    [InlineData("aws.s3://bucket=b;region=r;st=t", "st")]
    [InlineData("aws.s3://bucket=b;region=r;profile=p;keyId=i;key=k", "profile")]
    [InlineData("aws.s3://bucket=b;serviceUrl=ftp://x;keyId=i;key=k", "serviceUrl")]
    [InlineData("aws.s3://bucket=b;serviceUrl=http://user:pw@x", "serviceUrl")]
    [InlineData("aws.s3://bucket=b;region=r;forcePathStyle=maybe", "forcePathStyle")]
    [InlineData("aws.s3://bucket=b;region=r;prefix=../x", "prefix")]
    [InlineData("azure.blob://account=a;key=k", "container")]
    [InlineData("azure.blob://account=a;container=c", "exactly one")]
    [InlineData("azure.blob://account=a;container=c;key=k;msi", "exactly one")]
    [InlineData("azure.blob://container=c;key=k", "account")]
    [InlineData("azure.blob://emu;account=a;container=c", "account")]
    [InlineData("azure.blob://account=a;container=c;tenantId=t;principalId=p", "all or none")]
    public void A_wrong_one_is_refused_with_the_key(string text, string named)
    {
        var message = Should.Throw<ModelRegistry.Core.Common.ConfigurationException>(() => Read(text)).Message;
        message.ShouldStartWith("Storage:Artifacts");
        message.ShouldContain(named);
    }

    [Theory]
    [InlineData("aws.s3://AKIA:hunter2secret@bucket")]
    [InlineData("aws.s3://bucket=b;region=r;hunter2secret+/==x")]
    [InlineData("azure.blob://hunter2secret/+;container=c")]
    public void A_slip_does_not_print_a_secret(string text) =>
        Should.Throw<ModelRegistry.Core.Common.ConfigurationException>(() => Read(text)).Message.ShouldNotContain("hunter2");

    [Theory]
    [InlineData("aws.s3://keyId=AKIA;key=hunter2;bucket=b;region=r;st=hunter2")]
    [InlineData("azure.blob://account=a;key=hunter2;container=c")]
    [InlineData("azure.blob://account=a;tenantId=t;principalId=p;principalSecret=hunter2;container=c")]
    public void Printing_a_connection_shows_no_secret(string text)
    {
        var shown = Read(text).ToString();
        shown.ShouldNotContain("hunter2");
        shown.ShouldContain("***");
    }

    private static StorageConnection Read(string text) => StorageConnectionString.Parse(text, "/srv/registry");
}
