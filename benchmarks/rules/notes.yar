rule Bench_Note_Generic
{
    meta:
        description = "what most ransom notes say"
    strings:
        $a1 = "your files have been encrypted" ascii wide nocase
        $a2 = "your important files are encrypted" ascii wide nocase
        $a3 = "all your files are encrypted" ascii wide nocase
        $b1 = "bitcoin" ascii wide nocase
        $b2 = "decrypt" ascii wide nocase
        $b3 = "payment" ascii wide nocase
    condition:
        filesize < 1MB and any of ($a*) and 2 of ($b*)
}

rule Bench_Note_Tor_Address
{
    strings:
        $address = /https?:\/\/[a-z2-7]{16,56}\.onion\b/
        $tor = "torproject.org" ascii wide nocase
    condition:
        filesize < 1MB and all of them
}

rule Bench_Note_Wallet
{
    strings:
        $wallet = /bitcoin[^\r\n]{0,80}\b[13][a-km-zA-HJ-NP-Z1-9]{25,33}\b/ nocase
        $ask = /send \$?[0-9]{2,5} (worth of|dollars|usd)/ nocase
    condition:
        filesize < 1MB and ($wallet and $ask)
}

rule Bench_Note_GandCrab
{
    strings:
        $banner = /---= ?GANDCRAB V[0-9]\.[0-9](\.[0-9])? ?=---/ ascii
        $wide = "---= GANDCRAB V" wide
        $name = "KRAB-DECRYPT.txt" ascii wide
    condition:
        any of them
}

rule Bench_Note_LockBit
{
    strings:
        $a = "All your important files are encrypted!" ascii wide
        $b = "Any attempts to restore your files with the thrid-party software will be fatal" ascii wide
        $c = "Restore-My-Files.txt" ascii wide
        $d = "lockbit" ascii wide nocase
    condition:
        2 of them
}

rule Bench_Note_Rtf
{
    strings:
        $rtf = "{\\rtf1" ascii
        $wana = "Wana Decrypt0r" ascii nocase
        $coin = "bitcoin" ascii nocase
    condition:
        $rtf at 0 and $wana and $coin
}
