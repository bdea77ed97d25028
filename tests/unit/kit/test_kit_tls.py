"""Who a certificate says it is, which files can prove it, and when a process starts without them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from pydantic_settings import SettingsConfigDict
from songcau_kit.rpc_security import workload_of
from songcau_kit.settings import ProcessSettings
from songcau_kit.tls import TlsError, TlsFiles, TlsSource, open_tls
from support.workload_certificates import DAY, Certificates

NOW = datetime.now(UTC)


class Settings(ProcessSettings):
    model_config = SettingsConfigDict(env_prefix="DEMO_")


@pytest.fixture
def certificates(tmp_path):
    return Certificates(tmp_path)


@pytest.mark.parametrize(
    ("context", "workload"),
    [
        ({"peer_spiffe_id": [b"spiffe://songcau/gateway"]}, "gateway"),
        ({"peer_spiffe_id": [b"spiffe://elsewhere/gateway"]}, None),
        ({"peer_spiffe_id": [b"spiffe://songcau.example/gateway"]}, None),
        ({"peer_spiffe_id": [b"spiffe://songcau/gateway", b"spiffe://songcau/identity-bridge"]}, None),
        ({"peer_spiffe_id": [b"\xff"]}, None),
        # A DNS name is free text to some authorities; only the typed identity counts.
        ({"x509_subject_alternative_name": [b"spiffe://songcau/gateway"]}, None),
        ({"x509_common_name": [b"gateway"], "peer_dns": [b"gateway"]}, None),
        ({}, None),
    ],
)
def test_a_workload_is_the_one_spiffe_id_of_our_trust_domain(context, workload):
    assert workload_of(context) == workload


class TestFiles:
    def test_a_folder_as_cert_manager_fills_it_is_read_whole(self, certificates):
        files = certificates.issue("gateway")
        material = files.read(NOW)
        assert material.certificate_chain == files.certificate.read_bytes()
        assert material.authorities == files.authorities[0].read_bytes()
        # Not the time of the import: a whole run may reach this test minutes later.
        assert abs(material.expires_at - (datetime.now(UTC) + DAY)) < timedelta(minutes=1)
        assert material.key not in repr(material).encode()

    def test_a_folder_among_the_authorities_stands_for_what_is_in_it(self, certificates, tmp_path):
        files, folder = certificates.issue("gateway"), tmp_path / "more"
        believed = TlsFiles(files.certificate, files.key, (files.authorities[0], folder))
        folder.mkdir()
        alone = believed.read(NOW).authorities
        (folder / "next.crt").write_bytes(files.authorities[0].read_bytes())
        assert alone.count(b"BEGIN") == 1
        assert believed.read(NOW).authorities.count(b"BEGIN") == 2

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (lambda files: files.key.unlink(), r"tls\.key cannot be read: No such file"),
            (lambda files: files.certificate.write_text("nothing"), "is no PEM certificate or key"),
            (lambda files: files.key.write_text("nothing"), "is no PEM certificate or key"),
            (lambda files: files.authorities[0].write_text(""), r"ca\.crt holds no PEM certificate of an authority"),
        ],
    )
    def test_files_that_prove_nothing_are_named(self, certificates, spoil, sentence):
        files = certificates.issue("gateway")
        spoil(files)
        with pytest.raises(TlsError, match=sentence):
            files.read(NOW)

    def test_the_key_of_another_certificate_is_named(self, certificates):
        files = certificates.issue("gateway")
        certificates.issue("identity").key.replace(files.key)
        with pytest.raises(TlsError, match=r"tls\.key is not the key of .*tls\.crt"):
            files.read(NOW)

    def test_an_expired_certificate_is_named_with_its_end(self, certificates):
        with pytest.raises(TlsError, match=r"tls\.crt has expired at \d{4}-\d\d-\d\d"):
            certificates.expired("gateway").read(NOW)

    def test_the_end_of_the_certificate_is_a_measurement(self, certificates):
        source = TlsSource(certificates.issue("gateway"), "kittest")
        told = REGISTRY.get_sample_value("songcau_kittest_tls_certificate_expiry_timestamp_seconds")
        assert told == source.current().expires_at.timestamp()


class TestStart:
    @staticmethod
    def told(files, **values):
        given = {"tls_certificate": files.certificate, "tls_key": files.key, "tls_authorities": files.authorities}
        return Settings(**(given | values))

    def test_with_all_three_files_there_is_mutual_tls(self, certificates):
        source = open_tls(self.told(certificates.issue("gateway"), environment="production"), "kittest")
        assert source is not None
        assert source.current().certificate_chain.startswith(b"-----BEGIN CERTIFICATE")

    def test_a_laptop_may_do_without(self):
        assert open_tls(Settings(), "kittest") is None

    @pytest.mark.parametrize("environment", ["staging", "production"])
    def test_nowhere_else_a_process_speaks_in_the_clear(self, environment):
        with pytest.raises(SystemExit, match="DEMO_TLS_CERTIFICATE, DEMO_TLS_KEY, DEMO_TLS_AUTHORITIES must be set"):
            open_tls(Settings(environment=environment), "kittest")

    @pytest.mark.parametrize("missing", [{"tls_key": None}, {"tls_certificate": None}, {"tls_authorities": ()}])
    def test_half_a_set_of_files_is_a_mistake_even_on_a_laptop(self, certificates, missing):
        with pytest.raises(SystemExit, match="must be set together"):
            open_tls(self.told(certificates.issue("gateway"), **missing), "kittest")

    def test_files_that_cannot_be_used_are_one_sentence(self, certificates):
        settings = self.told(certificates.issue("gateway"), tls_key=Path("/nowhere/tls.key"))
        with pytest.raises(SystemExit, match=r"mutual TLS is not possible: /nowhere/tls\.key cannot be read"):
            open_tls(settings, "kittest")
