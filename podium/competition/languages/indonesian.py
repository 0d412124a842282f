"""Indonesian, and Malay where its words are the same."""

WORDS = {
    "train": "latih latihan pelatihan",
    "test": "uji pengujian",
    "median": "median",
    "unlabelled": "tanpalabel tidakberlabel takberlabel",
    "validation": "validasi",
    "preview": "pratinjau",
    "image": "gambar citra foto",
    "mask": "anotasi segmentasi",
    "label": "label kelas kategori",
    "group": "pasien subjek individu kelompok sesi lokasi",
    "person": "pasien subjek individu",
    "count": "jumlah",
    "number": "nomor",
    "background": "latarbelakang",
    "void": "tidakdiketahui tidakdinilai diabaikan abaikan tanpalabel",
    "negation": "tidak tanpa bukan",
    "labelled": "berlabel label dinilai anotasi data",
    "class list": "kelas kategori",
    "colour list": "legenda warna",
    "example": "contoh",
    "sent": "pengumpulan kirim jawab",
    "scoring": "penilai evaluasi metrik",
    "mark": "kriteria",
    "correction": "koreksi perbaikan",
    "left out": "dikecualikan ditarik",
    "black": "hitam",
    "white": "putih",
    "paper": "kertas",
    "pixel": "piksel",
    "none": "tidakada nihil sehat utuh normal",
    "least": "terkecil terendah terburuk terlemah teringan",
    "most": "terbesar tertinggi terbaik terkuat terberat",
    "in order": "menaik menurun naik turun",
    "frequent": "sering jarang umum alfabet abjad",
    "marked": "dinilai penilaian nilai",
    "how": "bagaimana cara",
    "range from": "dari",
    "range through": "melalui lalu",
    "range to": "hingga sampai ke",
    "by": "dengan",
    "left side": "kiri",
    "top side": "atas",
    "right side": "kanan",
    "bottom side": "bawah",
    "folder": "folder",
    "tag": "konsep tag atribut temuan",
}

PHRASES = {
    "first rows": "baris pertama | baris-baris awal",
    "kept together": "saling terkait | (dalam) satu kelompok",
    "other ones": "lain | lainnya | berbeda | baru",
    "parted by": "dibagi menurut/berdasarkan/per",
    "in both": "di keduanya/kedua | muncul | sama",
    "both parts": "keduanya | kedua",
    "shown too": "ditampilkan | dilaporkan | sekadar/sebagai informasi | sekunder",
    "main score": "utama | peringkat",
    "probability": "probabilitas | peluang",
    "tie": "skor/nilai sama",
    "one channel": "skala abu | satu kanal | keabuan",
    "between": "antara",
    "submit": "kirim/kirimkan/mengirim/mengirimkan/dikirim/dikirimkan | pengiriman"
    " | unggah/mengunggah/diunggah | kumpulkan/dikumpulkan | pengumpulan | serahkan",
    "one for each": "setiap/tiap/masing | per",
    "same form": "format/nilai/warna/kode/cara yang sama",
    "same name": "nama (file/berkas) yang sama",
    "all but": "kecuali | selain",
    "classes": "kelas | kategori",
    "class number": "nomor/indeks/kode/nilai kelas/kategori",
    "colours": "warna | rgb | palet",
    "leave out": "kecualikan | dikecualikan | keluarkan | abaikan | jangan gunakan/digunakan/pakai",
    "truth": "kebenaran* | rujukan*",
    "used": "digunakan*",
    "another": "kedua* | perbandingan*",
    "how many": "berapa | hitung* | jumlah",
    "accuracy": "akurasi*",
    "plain metric": "keseluruhan | total | klasifikasi",
    "balanced": "seimbang",
    "by class": "per kelas | tiap/setiap kelas",
    "weighted": "berbobot | tertimbang",
    "quadratic": "kuadrat*",
    "maybe no class": "nol atau lebih | atau tidak/tanpa (ada/berisi/memuat/memiliki) satu pun"
    " | atau tidak (ada/berisi/memuat/memiliki) satupun | atau tidak (ada) sama sekali",
    "blank for none": "kosong bila/jika/kalau/apabila/saat/ketika/bilamana tidak/tak ada satu pun"
    " | kosong bila/jika/kalau/apabila/saat/ketika/bilamana/sekiranya/jikalau tidak/tak/tiada"
    " ada/terdapat/terlihat | kosong jika/kalau tiada",
    "without classes": "tanpa tag/konsep/atribut/temuan",
}

UNITS = {
    "m": "meter",
    "g": "gram",
    "l": "liter",
    "ha": "hektar",
}

RUNS = {
    "zero": "nol",
    "one": "satu",
    "pixels": "piksel* | pixel* | rle | run | runs | dikodekan | pengodean | pengkodean"
    " | mulai/awal (dan) panjang",
    "others": "kelas* | label* | kategori* | nilai* | tingkat* | keabuan | abu-abu | berkas*"
    " | file* | kanal* | saluran* | irisan* | bingkai* | kiriman* | pengumpulan* | tabel*"
    " | jawaban*",
    "count": "dihitung | hitung* | penghitungan* | perhitungan* | dinomori | penomoran* | nomor*"
    " | mulai | dimulai | indeks* | diindeks",
    "from": "dari (piksel/indeks/nomor/angka) {n} | mulai (piksel/indeks/nomor/angka) {n}"
    " | pada/dengan (piksel/indeks/nomor/angka) {n}",
    "first": "piksel pertama adalah/bernomor/= (piksel/indeks/nomor) {n}"
    " | {n} adalah piksel pertama | berbasis {n}",
    "rightwards": "kiri ke kanan",
    "downwards": "atas ke bawah",
    "then": "lalu | kemudian | setelah itu | selanjutnya",
    "and": "dan",
    "links": "dari",
    "rows": "baris demi baris | baris per baris | sepanjang baris",
    "columns": "kolom demi kolom | kolom per kolom | sepanjang kolom",
    "carry": "itu | ini | yang | adalah | secara | urutan | urut | selalu | semua | semuanya"
    " | pertama | pertama-tama | mula-mula | arah | dengan | dari | di | pada | sudut | pojok",
    "relative": "relatif* | delta* | selisih* | jarak* | pergeseran* | sebelumnya | terakhir",
    "not": "tidak | tak | bukan | bukannya | melainkan | tanpa | jangan | jika | kalau | apabila"
    " | bila | ketika | apakah | sebelum",
    "lengths": "panjang*",
    "ends": "awal/mulai (dan) akhir | mulai/awal (dan) selesai | pertama (dan) terakhir",
}
