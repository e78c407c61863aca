// Benchmark rules in the common style of the field: each hits the harmless fakes on the benchmark disk, or nothing.

rule Bench_WannaCry_KillSwitch
{
    meta:
        description = "the kill-switch domain in a program"
    strings:
        $domain = "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com" ascii wide
    condition:
        uint16(0) == 0x5A4D and $domain
}

rule Bench_WannaCry_Dropper
{
    meta:
        description = "the worm: service, mutex and dropped names"
    strings:
        $s1 = "mssecsvc.exe" fullword ascii
        $s2 = "mssecsvc2.0" fullword ascii
        $s3 = "Microsoft Security Center (2.0) Service" ascii
        $s4 = "C:\\%s\\qeriuwjhrf" ascii
        $s5 = "tasksche.exe" fullword ascii
    condition:
        uint16(0) == 0x5A4D and filesize < 10MB and 3 of them
}

rule Bench_WannaCry_Loader
{
    strings:
        $a1 = "WNcry@2ol7" fullword ascii
        $a2 = "icacls . /grant Everyone:F /T /C /Q" fullword ascii
        $a3 = "attrib +h ." fullword ascii
        $a4 = "TaskStart" fullword ascii
        $a5 = "msg/m_portuguese.wnry" ascii
        $a6 = "<!-- Windows 10 -->" ascii
    condition:
        uint16(0) == 0x5A4D and filesize < 10000KB and (2 of ($a1, $a2, $a5) or 4 of ($a*))
}

rule Bench_WannaCry_Encryptor
{
    strings:
        $m1 = "MsWinZonesCacheCounterMutexA" ascii wide
        $m2 = "Global\\MsWinZonesCacheCounterMutexW" ascii wide
        $k1 = "%08X.eky" ascii
        $k2 = "%08X.pky" ascii
        $k3 = "%08X.dky" ascii
        $w1 = "@WanaDecryptor@.exe" wide
        $w2 = ".WNCRYT" wide
    condition:
        uint16(0) == 0x5A4D and (1 of ($m*) and 2 of ($k*)) and any of ($w*)
}

rule Bench_WannaCry_Decryptor
{
    strings:
        $t1 = "Wana Decrypt0r 2.0" ascii wide nocase
        $t2 = "Send $%d worth of bitcoin to this address:" ascii
        $t3 = "btcfrog.com/qr/bitcoinPNG.php?address=" ascii
        $t4 = "msg\\m_%s.wnry" ascii
    condition:
        uint16(0) == 0x5A4D and 2 of them
}

rule Bench_WannaCry_Shadow_Copies
{
    strings:
        $v = "vssadmin delete shadows /all /quiet" ascii wide nocase
        $w = "wmic shadowcopy delete" ascii wide nocase
        $b = "bcdedit /set {default} recoveryenabled no" ascii wide nocase
        $c = "wbadmin delete catalog -quiet" ascii wide nocase
    condition:
        2 of them
}

rule Bench_WannaCry_Encrypted_File
{
    strings:
        $magic = { 57 41 4E 41 43 52 59 21 00 01 00 00 }
    condition:
        $magic at 0
}

rule Bench_WannaCry_Archive
{
    strings:
        $local = { 50 4B 03 04 14 00 ?? 00 08 00 }
        $n1 = "msg/m_vietnamese.wnry" ascii
        $n2 = "taskdl.exe" ascii
        $n3 = "u.wnry" ascii
    condition:
        $local and 2 of ($n*)
}

rule Bench_WannaCry_Note
{
    strings:
        $q = "What's wrong with my files?" ascii wide
        $o = "Ooops, your important files are encrypted." ascii wide
        $d = "@WanaDecryptor@.exe" ascii wide
    condition:
        filesize < 64KB and 2 of them
}

rule Bench_WannaCry_Onion
{
    strings:
        $a = "gx7ekbenv2riucmf.onion" ascii
        $b = "57g7spgrzlojinas.onion" ascii
        $c = "xxlvbrloxvriy2c5.onion" ascii
        $d = "76jdd2ir2embyv47.onion" ascii
        $e = "cwwnhwhlz52maqm7.onion" ascii
    condition:
        any of them
}

rule Bench_WannaCry_Wallets
{
    strings:
        $a = "13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94" ascii
        $b = "12t9YDPgwueZ9NyMgw519p7AA8isjr6SMw" ascii
        $c = "115p7UMMngoj1pMvkpHijcRdfJNXj6LrLn" ascii
    condition:
        any of them
}

rule Bench_WannaCry_Batch
{
    strings:
        $a = "SET ow = WScript.CreateObject(\"WScript.Shell\")" nocase
        $b = "@WanaDecryptor@.exe.lnk" ascii
        $c = "om.Save" nocase
    condition:
        filesize < 16KB and 2 of them
}
